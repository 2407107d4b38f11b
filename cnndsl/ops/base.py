"""What an op is: one class that states its documented arguments, shape rule, parameters and multiply-adds.

A new op is a subclass of `Layer` (one input) or `Merge` (lanes) in a file of this folder; nothing else
registers it. Classes are plain, not dataclasses: building forty of those costs 30 ms at each start.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from cnndsl.ir.dims import Shape, product, show
from cnndsl.ops.kinds import Kind, Symbol, Word
from cnndsl.ops.reach import Reach

REQUIRED: Any = object()

MAPS: Mapping[int, int] = {3: 3}
FEATURES: Mapping[int, int] = {1: 1}
EITHER: Mapping[int, int] = {1: 1, 3: 3}
FLATTENS: Mapping[int, int] = {3: 1}
FLAT: Mapping[int, int] = {1: 1, 3: 1}


@dataclass(frozen=True)
class Arg:
    """A documented argument. ``name`` is filled in by the class that holds it."""

    doc: str
    kind: Kind
    default: Any = REQUIRED
    name: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """The bare words that this argument understands."""
        kind = getattr(self.kind, "kind", self.kind)
        words: tuple[str, ...] = getattr(kind, "words", ())
        return (*words, "none") if kind is not self.kind else words


def arg(doc: str, kind: Kind, default: Any = REQUIRED) -> Any:
    """Declare an argument: ``stride: tuple[int, int] = arg("step of the window", Size(), (1, 1))``."""
    return Arg(doc, kind, default)


class Violation(Exception):
    """A rule of an op is broken for its input. The caller adds the place.

    ``argument`` names the argument whose text is the smallest that is wrong, if one is; ``notes`` spell out
    the arithmetic; ``help`` is a repair in the language. ``sets`` (argument, text) and ``before``, a step to put
    before this one, are the repair where edits can make it.
    """

    def __init__(
        self,
        code: str,
        message: str,
        *,
        argument: str | None = None,
        notes: Sequence[str] = (),
        help: str | None = None,
        sets: tuple[str, str] | None = None,
        before: str | None = None,
    ) -> None:
        super().__init__(message)
        self.code, self.message, self.argument = code, message, argument
        self.notes, self.help = tuple(notes), help
        self.sets, self.before = sets, before


class Op:
    """A primitive operation with its argument values as attributes.

    The class's docstring documents it: first line a summary, then the formula and its source. ``example`` is
    a program fragment, run by the tests on ``example_input``.
    """

    name: ClassVar[str]
    family: ClassVar[str]
    args: ClassVar[dict[str, Arg]]
    example: ClassVar[str]
    example_input: ClassVar[Shape] = (16, 8, 8)

    ranks: ClassVar[Mapping[int, int]] = {}
    """How many dimensions come out where 3, a map, or 1, features, go in; what is not named is not taken. Empty where
    that depends on arguments."""

    registry: ClassVar[dict[str, type[Op]]] = {}

    def __init_subclass__(cls) -> None:
        inherited = getattr(cls, "args", {})
        own = {k: Arg(a.doc, a.kind, a.default, k) for k, a in vars(cls).items() if isinstance(a, Arg)}
        cls.args = {**inherited, **own}
        if "name" in vars(cls):
            if cls.name in Op.registry:
                raise TypeError(f"two ops are named {cls.name}")
            Op.registry[cls.name] = cls

    def __init__(self, **values: Any) -> None:
        """Values are canonical already (see `cnndsl.ops.kinds`); missing ones take their defaults.

        Raises:
            Violation: two arguments contradict each other.
        """
        for name, argument in self.args.items():
            value = values.pop(name, argument.default)
            if value is REQUIRED:
                raise TypeError(f"{self.name} needs {name}")
            setattr(self, name, value)
        if values:
            raise TypeError(f"{self.name} has no {', '.join(values)}")
        self.validate()

    def validate(self) -> None:
        """Check what holds between arguments, whatever the input. Raises `Violation`."""

    def values(self) -> dict[str, Any]:
        """The argument values by name, in declared order."""
        return {name: getattr(self, name) for name in self.args}

    def __repr__(self) -> str:
        given = (f"{k}={v!r}" for k, v in self.values().items() if v != self.args[k].default)
        return f"{self.name}({', '.join(given)})"


class Layer(Op):
    """An op with one input. Shapes are channels x height x width, or one number of features."""

    weighted: ClassVar[bool] = False
    """Whether it counts as a layer of the network's depth: convolutions and linear layers."""
    centres: ClassVar[bool] = False
    """Whether it subtracts each channel's own mean, and with it whatever bias comes in."""
    reshapes: ClassVar[bool] = False
    """Whether it gives the values that come in, in another shape."""
    as_map: ClassVar[str] = ""
    """Of an op that makes a map flat, the step that gives the same values as a map of one position."""

    @property
    def output_axis(self) -> int | None:
        """The axis of its ``weight`` along which its output channels lie, so that scaling the weight there scales
        them; such an op has an argument `bias`. None where there is none."""
        return None

    @property
    def idle(self) -> bool:
        """Whether evaluation gives the input unchanged."""
        return False

    def infer(self, x: Shape) -> Shape:
        """The output shape for an input shape. Raises `Violation` where the op can't take the input."""
        return x

    def tensors(self, x: Shape) -> dict[str, Shape]:
        """The trainable tensors by their name in the ``state_dict``, in its order."""
        return {}

    def buffers(self, x: Shape) -> dict[str, Shape]:
        """The tensors of the ``state_dict`` that are not trained."""
        return {}

    def macs(self, x: Shape, y: Shape) -> int:
        """Multiply-adds of one image: convolutions and linear layers only; no bias, norm or pooling."""
        return 0

    def window(self, x: Shape) -> tuple[tuple[int, int], tuple[int, int]] | None:
        """(extent, stride) of the window that slides over the input, or None where none does."""
        return None

    def arithmetic(self, x: Shape, axis: int) -> str | None:
        """The figures of the output's height (axis 0) or width (1) where no window slides: ``15 · 2 = 30``."""
        return None

    def reach(self, x: Shape) -> tuple[Reach, Reach] | None:
        """The rows and columns of a map that an output position reads; None for its own position alone."""
        return None

    def sees_all(self, x: Shape) -> bool:
        """Whether each output position reads all of its input's."""
        return False

    def parts(self, x: Shape) -> bool:
        """Whether it makes channels, or features, that see different things of what one position of its input sees."""
        return False

    def mixes(self) -> bool:
        """Whether each output channel reads all of the input's."""
        return False

    @property
    def period(self) -> tuple[int, int]:
        """Rows and columns that an input may have more or less, any number of times, for its arguments to mean the
        same numbers. (1, 1): they never depend on the input's size."""
        return (1, 1)


class Merge(Op):
    """An op that joins lanes. A first lane's disagreement with another is the caller's to place."""

    alike: ClassVar[bool] = False
    """Whether all lanes have one shape."""
    gates: ClassVar[bool] = False
    """Whether a lane may be a map of one position, a factor for each channel."""
    symbol: ClassVar[str] = ""
    """The sign of the operation, where it has one."""

    def join(self, lanes: tuple[Shape, ...]) -> Shape:
        """The output shape of the joined lanes.

        Raises:
            Mismatch: a lane's shape can't be joined with the first's.
        """
        raise NotImplementedError


class Mismatch(Exception):
    """The lane with this index disagrees with the first. ``rule`` says what must agree."""

    def __init__(self, lane: int, rule: str) -> None:
        super().__init__(rule)
        self.lane, self.rule = lane, rule


def need_map(op: Op, x: Shape) -> tuple[int, int, int]:
    """The input as channels, height, width.

    Raises:
        Violation: E0403, the input is flat.
    """
    if len(x) != 3:
        raise Violation(
            "E0403",
            f"`{op.name}` needs a map (channels x height x width), and its input is {x[0]} features",
            help=f"put `{op.name}` before the step that makes the map flat",
        )
    return x[0], x[1], x[2]


def need_features(op: Op, x: Shape) -> int:
    """The input as a number of features.

    Raises:
        Violation: E0404, the input is a map.
    """
    if len(x) != 1:
        raise Violation(
            "E0404",
            f"`{op.name}` needs flat features, and its input is a map of {show(x)}",
            notes=(f"flat, these are {' · '.join(map(str, x))} = {product(x):,} features",),
            help="put `flatten` before it, or `global_avgpool`, which leaves a feature a channel",
            before="flatten",
        )
    return x[0]


__all__ = [
    "EITHER", "FEATURES", "FLAT", "FLATTENS", "MAPS", "REQUIRED",
    "Arg", "Layer", "Merge", "Mismatch", "Op", "Symbol", "Violation", "Word", "arg", "need_features", "need_map",
]  # fmt: skip
