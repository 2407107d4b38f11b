"""Parameters and multiply-adds by plain arithmetic: what a referee does with pencil and paper. Nothing of cnndsl."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Self


@dataclass
class Count:
    """A square map that flows through layers, and what these have cost so far."""

    channels: int
    side: int
    params: int = 0
    macs: int = 0

    def conv(self, out: int, size: int, stride: int = 1, pad: int = 0, groups: int = 1, bias: bool = True) -> Self:
        weights = out * (self.channels // groups) * size * size
        self.channels, self.side = out, (self.side + 2 * pad - size) // stride + 1
        self.params += weights + out * bias
        self.macs += weights * self.side**2
        return self

    def linear(self, out: int) -> Self:
        weights = out * self.channels * self.side**2
        self.channels, self.side = out, 1
        self.params += weights + out
        self.macs += weights
        return self

    def bn(self) -> Self:
        self.params += 2 * self.channels
        return self

    def conv_bn(self, out: int, size: int, stride: int = 1, pad: int = 0, groups: int = 1) -> Self:
        return self.conv(out, size, stride, pad, groups, bias=False).bn()

    def pool(self, size: int, stride: int, pad: int = 0) -> Self:
        """As PyTorch: rounded down."""
        self.side = (self.side + 2 * pad - size) // stride + 1
        return self

    def pool_up(self, size: int, stride: int) -> Self:
        """As Caffe: rounded up; a last window that lies outside the input is left out."""
        outputs = ceil((self.side - size) / stride) + 1
        self.side = outputs - ((outputs - 1) * stride >= self.side)
        return self

    def global_pool(self) -> Self:
        self.side = 1
        return self

    def lane(self) -> Count:
        """A lane that starts here and has cost nothing yet."""
        return Count(self.channels, self.side)

    def pay(self, *lanes: Count) -> Self:
        """Take over what lanes cost, and not their shape."""
        self.params += sum(lane.params for lane in lanes)
        self.macs += sum(lane.macs for lane in lanes)
        return self

    def concat(self, *lanes: Count) -> Self:
        self.channels, self.side = sum(lane.channels for lane in lanes), lanes[0].side
        return self.pay(*lanes)
