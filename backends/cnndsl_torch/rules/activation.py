"""Activations, with trainable parameters or without."""

from __future__ import annotations

from cnndsl.ops import activation as ops
from cnndsl.ops.activation_learned import APL, Maxout, PReLU
from cnndsl_torch.lowering import Lowered, OpCall, Rule, equal, lowers


@lowers(ops.ReLU)
def relu(op: OpCall) -> Lowered:
    inplace = "inplace=True" if op.fresh else ""
    return Lowered(f"nn.ReLU({inplace})", f"F.relu({{x}}{', ' * op.fresh}{inplace})", light=True)


def plain(module: str, call: str) -> Rule:
    """The rule of an activation without arguments."""
    return lambda op: Lowered(f"{module}()", f"{call}({{x}})", light=True)


lowers(ops.SELU)(plain("nn.SELU", "F.selu"))
lowers(ops.GELU)(plain("nn.GELU", "F.gelu"))
lowers(ops.SiLU)(plain("nn.SiLU", "F.silu"))
lowers(ops.Mish)(plain("nn.Mish", "F.mish"))
lowers(ops.HardSwish)(plain("nn.Hardswish", "F.hardswish"))
lowers(ops.Tanh)(plain("nn.Tanh", "torch.tanh"))
lowers(ops.Sigmoid)(plain("nn.Sigmoid", "torch.sigmoid"))


@lowers(ops.LeakyReLU)
def leaky_relu(op: OpCall) -> Lowered:
    """In place only with a positive slope: the gradient takes the sign of the input from the output."""
    fresh = op.fresh and all(o.slope > 0 for o in op.ops if isinstance(o, ops.LeakyReLU))
    given = [op["slope"]] if not equal(op["slope"], "0.01") else []
    given += ["inplace=True"] if fresh else []
    call = ", ".join(["{x}", *given])
    return Lowered(f"nn.LeakyReLU({', '.join(given)})", f"F.leaky_relu({call})", light=True)


@lowers(ops.RReLU)
def rrelu(op: OpCall) -> Lowered:
    options = {"lower": ("lower", "0.125"), "upper": ("upper", repr(1 / 3))}
    call = op.call("F.rrelu", "{x}", **options)
    return Lowered(op.call("nn.RReLU", **options), f"{call[:-1]}, training=self.training)", light=True)


@lowers(ops.ELU)
def elu(op: OpCall) -> Lowered:
    options = {"alpha": ("alpha", "1.0")}
    return Lowered(op.call("nn.ELU", **options), op.call("F.elu", "{x}", **options), light=True)


@lowers(ops.ScaledTanh)
def scaled_tanh(op: OpCall) -> Lowered:
    return Lowered("ScaledTanh()", "torch.tanh(2 / 3 * {x}).mul(1.7159)", helpers=("ScaledTanh",), light=True)


@lowers(ops.Softmax)
def softmax(op: OpCall) -> Lowered:
    return Lowered("nn.Softmax(dim=1)", "F.softmax({x}, dim=1)", light=True)


@lowers(PReLU)
def prelu(op: OpCall) -> Lowered:
    channels = () if op.value("shared") else (op.channels,)
    return Lowered(op.call("nn.PReLU", *channels, init=("init", "0.25")), light=True)


@lowers(APL)
def adaptive_piecewise_linear(op: OpCall) -> Lowered:
    name = "AdaptivePiecewiseLinear"
    return Lowered(op.call(name, op.channels, pieces=("pieces", "5")), helpers=(name,), light=True)


@lowers(Maxout)
def maxout(op: OpCall) -> Lowered:
    pieces = op["pieces"]
    return Lowered(f"Maxout({pieces})", helpers=("Maxout",))
