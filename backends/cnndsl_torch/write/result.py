"""What an op makes of a flowing value, from its own shape rule: channels as an expression of the constructor, and
what its height and width depend on. No op is known by name here."""

from __future__ import annotations

import ast as py
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass
from functools import lru_cache, reduce
from typing import Any

from cnndsl.ir.dims import Shape
from cnndsl.ops import Layer, Merge, Op, Symbol, Violation
from cnndsl.ops import kinds as Kinds
from cnndsl.ops.base import REQUIRED
from cnndsl.sizes import EVALUATED, Formula, Size, constant, formula_of, symbol
from cnndsl_torch import tree
from cnndsl_torch.tree import Expr
from cnndsl_torch.write.place import NOTHING, Decline, Depends, Value

OUT = "out"
"""The argument that is the number of output channels, in every op that has one."""


@dataclass(frozen=True, slots=True)
class Application:
    """An op at one place of the text, with all of its expansions there: none in a branch that is never taken.

    ``given`` are its written arguments; ``inputs`` the shapes of each expansion's lanes.
    """

    cls: type[Op]
    ops: tuple[Op, ...]
    inputs: tuple[tuple[Shape, ...], ...]
    given: Mapping[str, Expr]


@dataclass(frozen=True, slots=True)
class Result:
    channels: Expr
    sized: Depends
    baked: Depends = NOTHING
    """What must be constant, since the channels, or what else they were found from, hold for one value of it."""


def result(applied: Application, lanes: Sequence[Value], depends: Callable[[Expr], Depends]) -> Result:
    """The channels behind an op. ``depends`` tells the parameters that an expression depends on.

    Raises:
        Decline: the expansions differ, or nothing tells what comes out.
    """
    if not applied.ops:
        return Result(_unreached(applied, lanes), frozenset().union(*(lane.sized for lane in lanes)))
    formulas: set[Formula] = set()
    used: set[Any] = set()
    if {len(inputs) for inputs in applied.inputs} != {len(lanes)}:
        raise Decline(f"another number of lanes of {applied.cls.name} in each expansion")
    symbolic = frozenset(name for name, expr in applied.given.items() if not tree.is_literal(expr))
    for op, inputs in dict.fromkeys(zip(applied.ops, applied.inputs, strict=True)):
        formula, read = _formula(op, inputs, symbolic)
        formulas.add(formula)
        used |= read
    if len(formulas) > 1:
        raise Decline(f"the channels behind {applied.cls.name} differ")
    return _written(formulas.pop(), frozenset(used), applied, lanes, depends)


@lru_cache(maxsize=256)
def _formula(op: Op, inputs: tuple[Shape, ...], symbolic: Set[str]) -> tuple[Formula, frozenset[Any]]:
    """How many channels come out, over those that come in and the arguments in ``symbolic``, and all symbols that the
    output's shape depends on, heights and widths among them."""
    shape = _shape(_symbolic(op, symbolic), [_symbols(x, i) for i, x in enumerate(inputs)])
    sizes = {("in", i, axis): constant(x[axis]) for i, x in enumerate(inputs) for axis in range(1, len(x))}
    channels = formula_of(shape[0])
    used = frozenset().union(*(formula_of(size).symbols for size in shape[1:]))
    return _substituted(channels, sizes), used | (channels.symbols & sizes.keys())


def _unreached(applied: Application, lanes: Sequence[Value]) -> Expr:
    """The channels behind an op of which there is no expansion."""
    if OUT in applied.given:
        return applied.given[OUT]
    if issubclass(applied.cls, Layer):
        try:
            op = applied.cls(**{name: _guessed(applied, name) for name in applied.cls.args if name in applied.given})
            x = applied.cls.example_input
            shape = op.infer((Size(x[0], symbol(("in", 0, 0))), *(4 * size for size in x[1:])))
        except (TypeError, ValueError, Violation):
            raise Decline(f"{applied.cls.name} is never reached") from None
        if formula_of(shape[0]) == symbol(("in", 0, 0)):
            return lanes[0].channels
    if issubclass(applied.cls, Merge) and all(arg.default is not REQUIRED for arg in applied.cls.args.values()):
        if stacks(applied.cls(), [(1, 1, 1)] * len(lanes)):
            return reduce(lambda one, two: tree.operation("+", one, two), (lane.channels for lane in lanes))
        return lanes[0].channels
    raise Decline(f"{applied.cls.name} is never reached")


def _guessed(applied: Application, name: str) -> Any:
    """Some value for an argument, which does not matter where the channels behind the op do not depend on it."""
    kind = applied.cls.args[name].kind
    expr = applied.given[name]
    if tree.is_literal(expr):
        value = tree.value_of(expr)
        return kind.parse(Symbol(value) if isinstance(value, str) else value)
    if isinstance(kind, Kinds.Integer):
        return Size(2, symbol(("argument", name)))
    if isinstance(kind, Kinds.Size):
        return tuple(Size(2, symbol(("argument", name, side))) for side in (0, 1))
    if isinstance(kind, Kinds.Number | Kinds.Boolean):
        return 0.5 if isinstance(kind, Kinds.Number) else True
    raise ValueError(name)


def _symbolic(op: Op, names: Set[str]) -> Op:
    """The op with symbols for some of its arguments."""
    values = {
        name: _value(value, ("argument", name)) if name in names else value for name, value in op.values().items()
    }
    return type(op)(**values)


def _value(value: Any, name: Any) -> Any:
    if isinstance(value, int) and not isinstance(value, bool):
        return Size(value, symbol(name))
    if isinstance(value, tuple) and len(value) == 2 and all(isinstance(v, int) for v in value):
        return tuple(Size(each, symbol((*name, side))) for side, each in enumerate(value))
    return value


def _symbols(x: Shape, lane: int) -> Shape:
    return tuple(Size(size, symbol(("in", lane, axis))) for axis, size in enumerate(x))


def _shape(op: Op, lanes: list[Shape]) -> Shape:
    if isinstance(op, Merge):
        return op.join(tuple(lanes))
    assert isinstance(op, Layer)
    return op.infer(lanes[0])


def _substituted(formula: Formula, values: Mapping[Any, Formula]) -> Formula:
    """The formula with numbers for some of its symbols, and worked out as far as that allows."""

    def operation(sign: str) -> Callable[[Formula, Formula], Formula]:
        def apply(left: Formula, right: Formula) -> Formula:
            if left.operator == right.operator == "constant":
                return constant(EVALUATED[sign](left.value, right.value))
            return Formula(sign, None, (left, right))

        return apply

    return formula.fold(constant, lambda name: values.get(name, symbol(name)), {s: operation(s) for s in EVALUATED})


def _written(
    formula: Formula, used: frozenset[Any], applied: Application, lanes: Sequence[Value],
    depends: Callable[[Expr], Depends],
) -> Result:  # fmt: skip
    """The formula in Python, and what parameters stand behind the symbols."""
    exprs: dict[Any, Expr] = {("in", lane, 0): value.channels for lane, value in enumerate(lanes)}
    exprs |= {("argument", name): expr for name, expr in applied.given.items()}
    baked: set[str] = set()
    sized: set[str] = set()
    for symbol_ in used | formula.symbols:
        match symbol_:
            case ("in", int(lane), int(axis)) if axis:
                (baked if _flat(applied) else sized).update(lanes[lane].sized)
            case ("argument", name) if symbol_ not in formula.symbols:
                sized |= depends(applied.given[name])
            case ("argument", name, _):
                (baked if symbol_ in formula.symbols else sized).update(depends(applied.given[name]))
    sized |= _worded(applied, depends) if any(s[0] == "in" and s[2] for s in used) else set()
    if isinstance(applied.ops[0], Merge):
        # All lanes have one size: what the least of them depends on is enough.
        sized = set(min(lanes, key=lambda lane: len(lane.sized)).sized)
    unwritten = {s for s in formula.symbols if s not in exprs}
    if unwritten:
        formula = _substituted(formula, {s: constant(_of(applied, s)) for s in unwritten})
    return Result(_python(formula, exprs), frozenset(sized), frozenset(baked))


def _flat(applied: Application) -> bool:
    """Whether an op makes features of a map: its height and width are in the number of features."""
    inputs = applied.inputs[0][0]
    return isinstance(applied.ops[0], Layer) and len(inputs) == 3 and len(applied.ops[0].infer(inputs)) == 1


def _worded(applied: Application, depends: Callable[[Expr], Depends]) -> set[str]:
    """What the arguments depend on that are no integers, such as ``round=ceil``, where they may matter for sizes."""
    found: set[str] = set()
    for name, expr in applied.given.items():
        value = getattr(applied.ops[0], name)
        whole = isinstance(value, int) or (isinstance(value, tuple) and all(isinstance(v, int) for v in value))
        if not whole and not isinstance(applied.cls.args[name].kind, Kinds.Boolean | Kinds.Number):
            found |= depends(expr)
    return found


def _of(applied: Application, symbol_: Any) -> int:
    """The number of a side of a size that is written as one value."""
    values = {getattr(op, symbol_[1])[symbol_[2]] for op in applied.ops}
    if len(values) > 1:
        raise Decline(f"{symbol_[1]} of {applied.cls.name} differs")
    return int(values.pop())


def _python(formula: Formula, exprs: Mapping[Any, Expr]) -> Expr:
    def sign(text: str) -> Callable[[Expr, Expr], Expr]:
        return lambda left, right: _summed(left, right) if text == "+" else tree.operation(text, left, right)

    named = {word: lambda left, right, word=word: tree.call(word, left, right) for word in ("min", "max")}
    return formula.fold(
        tree.literal, exprs.__getitem__, {**{text: sign(text) for text in ("+", "*", "//", "%")}, **named}
    )


def _summed(left: Expr, right: Expr) -> Expr:
    """``a + -1 * b`` as ``a - b``."""
    match right:
        case py.BinOp(left=py.Constant(value=-1), op=py.Mult(), right=other):
            return tree.operation("-", left, other)
        case py.Constant(value=int(number)) if number < 0:
            return tree.operation("-", left, tree.literal(-number))
    return tree.operation("+", left, right)


def stacks(op: Op, lanes: Sequence[Shape]) -> bool:
    """Whether a merge's channels are the sum of its lanes', as of `concat`; where not, all lanes have them."""
    shape = _shape(op, [_symbols(x, i) for i, x in enumerate(lanes)])
    symbols = [Formula("symbol", ("in", i, 0)) for i in range(len(lanes))]
    return formula_of(shape[0]) == reduce(lambda one, two: Formula("+", None, (one, two)), symbols)
