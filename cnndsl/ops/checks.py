"""Rules that several ops share: windows that slide, padding, and numbers that must divide channels."""

from __future__ import annotations

from math import gcd

from cnndsl.ir.dims import Shape, effective_kernel, same_padding, window_output
from cnndsl.ops.base import Op, Violation

SIDES = ("height", "width")
SEARCHED = 4096
"""How far a divisor is searched for to suggest: a spec may state a number of any size."""


def resolve_padding(op: Op, x: Shape, size: tuple[int, int], stride: tuple[int, int],
                    pad: tuple[int, int] | str, dilation: tuple[int, int]) -> tuple[int, int]:  # fmt: skip
    """Symmetric padding in numbers. ``same`` gives ceil(N / S) outputs.

    Raises:
        Violation: E0405, ``same`` would have to be asymmetric.
    """
    if not isinstance(pad, str):
        return pad
    result = []
    for axis, side in enumerate(SIDES):
        total = same_padding(x[axis + 1], size[axis], stride[axis], dilation[axis])
        if total % 2:
            raise Violation(
                "E0405",
                f"`pad=same` needs {total} rows or columns of padding in {side}, which is odd: "
                "one side would get more than the other",
                argument="pad",
                notes=(f"{side}: ceil({x[axis + 1]} / {stride[axis]}) outputs need {total} in all",),
                help=f"state the padding: `pad={total // 2}` or `pad={total // 2 + 1}`",
            )
        result.append(total // 2)
    return result[0], result[1]


def slide(op: Op, x: Shape, size: tuple[int, int], stride: tuple[int, int], pad: tuple[int, int] = (0, 0),
          dilation: tuple[int, int] = (1, 1), ceil: bool = False) -> tuple[int, int]:  # fmt: skip
    """The output height and width of a sliding window.

    Raises:
        Violation: E0401, the kernel is larger than its padded input.
    """
    result = []
    for axis, side in enumerate(SIDES):
        n, k, s, p, d = x[axis + 1], size[axis], stride[axis], pad[axis], dilation[axis]
        output = window_output(n, k, s, p, d, ceil)
        extent = effective_kernel(k, d)
        if output < 1:
            padded = f"a padding of at least {-(-(extent - n) // 2)}, " if "pad" in op.args else ""
            raise Violation(
                "E0401",
                f"the {extent}-wide window of `{op.name}` does not fit into an input of {side} {n}"
                + (f" with padding {p}" if p else ""),
                argument="size",
                notes=(f"{side}: ({n} + 2·{p} - {extent}) / {s} + 1 is less than 1",),
                help=padded + "a smaller kernel or a larger input fits",
            )
        result.append(output)
    return result[0], result[1]


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
            )


def unit(x: Shape) -> str:
    """What the first dimension of a shape counts."""
    return "channels" if len(x) == 3 else "features"


def check_divides(op: Op, argument: str, divisor: int, counts: dict[str, int]) -> None:
    """Raise E0406 where ``divisor``, the value of ``argument``, does not divide one of the named counts."""
    for what, count in counts.items():
        if count % divisor:
            common = gcd(*counts.values())
            near = min(
                (d for d in range(1, min(2 * divisor, SEARCHED) + 1) if common % d == 0),
                key=lambda d: abs(d - divisor),
            )
            raise Violation(
                "E0406",
                f"{divisor} {argument} do not divide the {count} {what} of `{op.name}`",
                argument=argument,
                notes=(f"{count} / {divisor} = {count // divisor} remainder {count % divisor}",),
                help=f"`{argument}={near}` divides {' and '.join(map(str, dict.fromkeys(counts.values())))}",
            )
