"""Ops on the channels of a map, or on features."""

from __future__ import annotations

from cnndsl.ops.channels import ChannelShuffle, PadChannels, Scale, Slice
from cnndsl_torch.lowering import Lowered, OpCall, lowers
from cnndsl_torch.text import fold


@lowers(PadChannels)
def pad_channels(op: OpCall) -> Lowered:
    added = fold(f"({op['out']}) - ({op.channels})")
    match op.value("side"):
        case "after":
            before, after = "0", added
        case "before":
            before, after = added, "0"
        case _:
            before = fold(f"({added}) // 2")
            after = fold(f"({op['out']}) - ({op.channels}) - ({before})")
    is_map = op.rank() == 3
    sides = f"(0, 0, 0, 0, {before}, {after})" if is_map else f"({before}, {after})"
    module = "nn.ZeroPad3d" if is_map else "nn.ZeroPad1d"
    return Lowered(f"{module}({sides})", f"F.pad({{x}}, {sides})")


@lowers(Slice)
def slice_channels(op: OpCall) -> Lowered:
    start, stop = op["start"], op["stop"]
    return Lowered(
        f"ChannelSlice({start}, {stop})",
        f"{{x}}[:, {'' if start == '0' else start}:{stop}]",
        helpers=("ChannelSlice",),
    )


@lowers(ChannelShuffle)
def channel_shuffle(op: OpCall) -> Lowered:
    return Lowered(f"nn.ChannelShuffle({op['groups']})", f"F.channel_shuffle({{x}}, {op['groups']})")


@lowers(Scale)
def scale(op: OpCall) -> Lowered:
    return Lowered(
        op.call("Scale", op.channels, init=("init", "1.0"), bias=("bias", "False")),
        helpers=("Scale",),
        light=True,
    )
