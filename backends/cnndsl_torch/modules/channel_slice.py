"""Some of the channels."""

from torch import Tensor, nn


class ChannelSlice(nn.Module):
    """The channels from start up to and without stop: (N, C, ...) becomes (N, stop - start, ...)."""

    def __init__(self, start: int, stop: int) -> None:
        super().__init__()
        self.start, self.stop = start, stop

    def forward(self, x: Tensor) -> Tensor:
        return x[:, self.start : self.stop]

    def extra_repr(self) -> str:
        return f"{self.start}, {self.stop}"
