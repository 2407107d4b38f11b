"""The fully connected layer."""

from __future__ import annotations

from cnndsl.ops.linear import Linear
from cnndsl_torch.lowering import Lowered, OpCall, lowers


@lowers(Linear, overwritable=True)
def linear(op: OpCall) -> Lowered:
    return Lowered(op.call("nn.Linear", op.channels, op["out"], bias=("bias", "True")))
