"""Rules that several ops share: windows that slide, padding, and numbers that must divide channels."""

from __future__ import annotations

from math import gcd
from typing import Any, NamedTuple

from cnndsl.ir.dims import Shape, effective_kernel, same_padding, window_output
from cnndsl.ops.base import Op, Violation

SIDES = ("height", "width")
LARGER = "a larger input of the network"
SEARCHED = 4096
"""How far a divisor is searched for to suggest: a spec may state a number of any size."""


class Window(NamedTuple):
    """A window that slides, height x width each. ``pad`` may be ``same``."""

    size: tuple[int, int]
    stride: tuple[int, int]
    pad: tuple[int, int] | str = (0, 0)
    dilation: tuple[int, int] = (1, 1)


def resolve_padding(op: Op, x: Shape, window: Window) -> tuple[int, int]:
    """Symmetric padding in numbers. ``same`` gives ceil(N / S) outputs.

    Raises:
        Violation: E0405, ``same`` would have to be asymmetric.
    """
    size, stride, pad, dilation = window
    if not isinstance(pad, str):
        return pad
    result = []
    for axis in range(len(SIDES)):
        total = same_padding(x[axis + 1], size[axis], stride[axis], dilation[axis])
        if total % 2:
            raise uneven(x, window, axis, total)
        result.append(total // 2)
    return result[0], result[1]


def padded_period(window: Window) -> tuple[int, int]:
    """The rows and columns after which ``same`` means the same numbers again: a single tap is never padded."""
    if not isinstance(window.pad, str):
        return (1, 1)
    rows, columns = (s if k > 1 else 1 for k, s in zip(window.size, window.stride, strict=True))
    return rows, columns


def uneven(x: Shape, window: Window, axis: int, total: int) -> Violation:
    """E0405. One more on the smaller side is the repair where it gives as many outputs as ``same`` promises."""
    size, stride, _, dilation = window
    n, k, s, d = x[axis + 1], size[axis], stride[axis], dilation[axis]
    side, outputs, low = SIDES[axis], -(-n // s), total // 2
    extent = effective_kernel(k, d)
    fits = all(
        window_output(x[i + 1], size[i], stride[i], low + 1, dilation[i]) == -(-x[i + 1] // stride[i]) for i in (0, 1)
    )
    wide = "row" if axis == 0 else "column"
    before = f"`zero_pad({low}, after={low + 1})` before it, with `pad=0`, pads unevenly"
    return Violation(
        "E0405",
        f"`pad=same` needs an odd number of {wide}s of padding here, {total}: one side would get more than the other",
        argument="pad",
        notes=(
            f"{side}: ceil({n} / {s}) = {outputs} outputs span ({outputs} - 1)·{s} + {extent} = "
            f"{(outputs - 1) * s + extent} {wide}s, {total} more than {n}",
        ),
        help=f"`pad={low + 1}` gives {outputs} outputs too" if fits else before,
        sets=("pad", str(low + 1)) if fits else None,
    )


def slide(op: Op, x: Shape, window: Window, ceil: bool = False) -> tuple[int, int]:
    """The output height and width of a sliding window.

    Raises:
        Violation: E0401, the kernel is larger than its padded input.
    """
    size, stride, pad, dilation = window
    assert not isinstance(pad, str)
    result = []
    for axis, side in enumerate(SIDES):
        n, k, s, p, d = x[axis + 1], size[axis], stride[axis], pad[axis], dilation[axis]
        output = window_output(n, k, s, p, d, ceil)
        extent = effective_kernel(k, d)
        if output < 1:
            raise Violation(
                "E0401",
                f"the window of `{op.name}`, {extent} {'high' if axis == 0 else 'wide'}, does not fit into an input "
                f"of {side} {n}" + (f" with {p} of padding on each side" if p else ""),
                argument="size",
                notes=(
                    *((f"{side}: {k} dilated by {d} is {d}·({k} - 1) + 1 = {extent}",) if d > 1 else ()),
                    f"{side}: {formula(n, extent, s, p)}, and a map has at least 1",
                ),
                **refit(op, n, window, extent),
            )
        result.append(output)
    return result[0], result[1]


def slide_or_keep(op: Op, x: Shape, window: Window) -> tuple[int, int]:
    """The output height and width of a sliding window whose padding may be ``same``: ceil(N / S), whatever the kernel.

    Raises:
        Violation: as `resolve_padding` and `slide`.
    """
    resolve_padding(op, x, window)
    if isinstance(window.pad, str):
        return -(-x[1] // window.stride[0]), -(-x[2] // window.stride[1])
    return slide(op, x, window)


def formula(n: int, extent: int, stride: int, pad: int) -> str:
    """The arithmetic of a window: ``(13 + 2·0 - 5) / 2 + 1 = 5``."""
    positions = (n + 2 * pad - extent) / stride + 1
    return f"({n} + 2·{pad} - {extent}) / {stride} + 1 = {positions:g}"


def refit(op: Op, n: int, window: Window, extent: int) -> dict[str, Any]:
    """The help for a window that is too large: the padding that keeps the map's size, where there is one."""
    size, stride, _, dilation = window
    keeps = {(effective_kernel(k, d) - 1) / 2 for k, d in zip(size, dilation, strict=True)}
    pad = keeps.pop()
    if "groups" in op.args and not keeps and pad.is_integer() and stride == (1, 1):
        shown = f"{int(pad)}"
        return {
            "help": f"`pad={shown}` keeps the size; a stride less above it, or {LARGER}, fits too",
            "sets": ("pad", shown) if n > 1 else None,
        }
    least = -(-(extent - n) // 2)
    fits = "pad" in op.args and ("round" not in op.args or 2 * least <= min(size))
    return {
        "help": (f"a padding of at least {least}, a" if fits else "a")
        + f" window of at most {n}, a stride less above it, or {LARGER} fits"
    }


def check_half(op: Op, size: tuple[int, int], pad: tuple[int, int]) -> None:
    """Raise E0407 where a pool's padding is more than half of its window: some would see padding alone."""
    for axis, side in enumerate(SIDES):
        if 2 * pad[axis] > size[axis]:
            raise Violation(
                "E0407",
                f"`pad` of `{op.name}`, {pad[axis]} in {side}, is more than half of its size, {size[axis]}",
                argument="pad",
                notes=(f"{side}: {size[axis]} / 2, rounded down, is {size[axis] // 2}",),
                help=f"`pad={size[axis] // 2}` is the most, or a larger window",
                sets=("pad", str(min(size) // 2)),
            )


def unit(x: Shape) -> str:
    """What the first dimension of a shape counts."""
    return "channels" if len(x) == 3 else "features"


def check_divides(op: Op, argument: str, divisor: int, counts: dict[str, int]) -> None:
    """Raise E0406 where ``divisor``, the value of ``argument``, does not divide one of the named counts."""
    for what, count in counts.items():
        if count % divisor:
            common = gcd(*counts.values())
            near = divisors(common, divisor)
            shown = " or ".join(f"`{argument}={each}`" for each in near)
            depthwise = argument == "groups" and len(counts) == 2 and len(set(counts.values())) == 1 and divisor > count
            raise Violation(
                "E0406",
                f"{divisor} {argument} do not divide the {count} {what} of `{op.name}`",
                argument=argument,
                notes=(f"{count} / {divisor} = {count // divisor} remainder {count % divisor}",),
                help="a group for each channel, a depthwise convolution: `groups=in.channels`"
                if depthwise
                else f"{shown} divides {' and '.join(map(str, dict.fromkeys(counts.values())))}",
                sets=(argument, "in.channels" if depthwise else str(near[0])) if depthwise or len(near) == 1 else None,
            )


def divisors(number: int, near: int) -> list[int]:
    """The next divisors of a number below and above another number, which is none."""
    found = [d for d in range(1, min(2 * near, SEARCHED) + 1) if number % d == 0]
    return [*[d for d in found if d < near][-1:], *[d for d in found if d > near][:1]]
