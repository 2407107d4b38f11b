"""The value of an expression: arithmetic, lists, sizes, functions, and steps as values."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable
from functools import cache
from itertools import islice
from typing import Any, ClassVar

from cnndsl import std
from cnndsl.diagnostics.model import Edit, SpecError
from cnndsl.elaborate import habits
from cnndsl.elaborate.environment import Env
from cnndsl.elaborate.limits import Budget
from cnndsl.elaborate.spelling import guess, respelling, suggestion
from cnndsl.elaborate.values import (
    WILDCARD,
    Definition,
    Partial,
    Unknown,
    Value,
    fail,
    kind_of,
    show,
)
from cnndsl.ir.dims import Shape
from cnndsl.ops import Merge, Op, Symbol, registry
from cnndsl.source import Span
from cnndsl.syntax import ast

ARITHMETIC: dict[str, Callable[[Any, Any], Any]] = {
    "+": operator.add, "-": operator.sub, "*": operator.mul, "/": operator.truediv,
    "//": operator.floordiv, "%": operator.mod,
}  # fmt: skip
ORDERING: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip
NUMERIC: dict[str, tuple[Callable[..., Any], int | None]] = {
    "min": (min, None), "max": (max, None), "abs": (abs, 1), "floor": (math.floor, 1), "ceil": (math.ceil, 1),
    "round": (round, 1), "sqrt": (math.sqrt, 1),
}  # fmt: skip
FUNCTIONS = (*NUMERIC, "len", "sum", "range")
INPUT_DIMS = ("channels", "height", "width", "features")


class Items(list[Value]):
    """A list. ``size`` counts the items of the lists inside it too, which keeps comparing and showing it cheap."""

    size: int


class Evaluator:
    """Evaluates expressions in an environment, for a flowing value of a given shape (empty: not known)."""

    def __init__(self, budget: Budget) -> None:
        self.budget = budget

    def __call__(self, expr: ast.Expr, env: Env, flow: Shape | None = None) -> Value:
        """The value of an expression.

        Raises:
            SpecError: it has none.
            Unknown: it depends on what was reported already.
        """
        self.budget.spend(1, expr.span)
        return self._methods[type(expr)](self, expr, env, flow)

    def integer(self, expr: ast.Expr, env: Env, flow: Shape | None, what: str, low: int = 0) -> int:
        value = self(expr, env, flow)
        if not isinstance(value, int) or isinstance(value, bool) or value < low:
            raise fail("E0303", f"{what} must be an integer of at least {low}, not {show(value)}", expr.span)
        return value

    def boolean(self, expr: ast.Expr, env: Env, flow: Shape | None) -> bool:
        value = self(expr, env, flow)
        if not isinstance(value, bool):
            raise fail("E0304", f"a condition must be true or false, not {show(value)}", expr.span)
        return value

    def items(self, expr: ast.Expr, env: Env, flow: Shape | None) -> list[Value]:
        value = self(expr, env, flow)
        if not isinstance(value, list):
            raise fail("E0304", f"`for` goes over a list, not {show(value)}", expr.span,
                       help="`range(n)` counts from 0 to n - 1")  # fmt: skip
        return value

    def resolve(self, name: ast.Name, env: Env) -> Value:
        """What a name stands for: a variable, a block or network, or an op."""
        value = env.find(name.name, KeyError)
        if value is Unknown:
            raise Unknown
        if value is not KeyError:
            return value
        if name.name in env.definitions:
            return Partial(env.definitions[name.name])
        if name.name in registry:
            return Partial(registry[name.name])
        if name.name in words():
            return Symbol(name.name)  # for a block that hands it to an op's argument
        raise unknown_name(name, [*env, *env.definitions, *registry], "name")

    # --- one method a kind of expression

    def _literal(self, expr: ast.Literal, env: Env, flow: Shape | None) -> Value:
        return expr.value

    def _name(self, expr: ast.Name, env: Env, flow: Shape | None) -> Value:
        if expr.name == "_":
            raise fail("E0207", "`_` stands for any size, in a shape", expr.span)
        return self.resolve(expr, env)

    def _input_dim(self, expr: ast.InputDim, env: Env, flow: Shape | None) -> Value:
        if expr.dim not in INPUT_DIMS:
            raise fail("E0201", f"`in` has no `{expr.dim}`", expr.span,
                       **respelling(f"in.{expr.dim}", expr.span, [f"in.{each}" for each in INPUT_DIMS],
                                    "it has " + ", ".join(INPUT_DIMS)))  # fmt: skip
        if flow is None:
            raise fail("E0305", f"`in.{expr.dim}` is not defined here: nothing flows into this place", expr.span)
        if not flow:
            raise Unknown
        if (len(flow) == 1) != (expr.dim == "features"):
            have = "flat features" if len(flow) == 1 else "a map"
            meant = "`in.features`" if len(flow) == 1 else "`in.channels`"
            if len(flow) == 1:
                meant += "; `adaptive_avgpool(1)` keeps a map, with channels, where `global_avgpool` makes it flat"
            raise fail("E0305", f"`in.{expr.dim}` is not defined: the flowing value is {have}", expr.span,
                       help=f"it has {meant}")  # fmt: skip
        return flow[0] if expr.dim == "features" else flow[INPUT_DIMS.index(expr.dim)]

    def _unary(self, expr: ast.Unary, env: Env, flow: Shape | None) -> Value:
        value = self(expr.operand, env, flow)
        if expr.operator == "not":
            if not isinstance(value, bool):
                raise fail("E0304", f"`not` needs true or false, not {show(value)}", expr.operand.span)
            return not value
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise fail("E0304", f"`-` needs a number, not {show(value)}", expr.operand.span)
        return -value

    def _operation(self, expr: ast.Operation, env: Env, flow: Shape | None) -> Value:
        if expr.rest[0][0] in ("and", "or"):
            return self._logic(expr, env, flow)
        value = self(expr.first, env, flow)
        for sign, operand in expr.rest:
            right = self(operand, env, flow)
            value = self._apply(sign, value, right, expr)
        return value

    def _logic(self, expr: ast.Operation, env: Env, flow: Shape | None) -> bool:
        stop = expr.rest[0][0] == "or"
        for operand in (expr.first, *(o for _, o in expr.rest)):
            if self.boolean(operand, env, flow) is stop:
                return stop
        return not stop

    def _apply(self, sign: str, left: Value, right: Value, expr: ast.Operation) -> Value:
        if isinstance(left, Items):
            self.budget.spend(left.size, expr.span)
        amounts = all(isinstance(v, int | float) for v in (left, right))
        numbers = amounts and not isinstance(left, bool) and not isinstance(right, bool)
        if sign in ("==", "!=") and (numbers or not amounts or isinstance(left, bool) is isinstance(right, bool)):
            return (left == right) is (sign == "==")
        if sign == "+" and isinstance(left, list) and isinstance(right, list):
            self.budget.spend(len(left) + len(right), expr.span)
            return self._bounded_list(left + right, expr.span)
        if not numbers:
            what = "two values of one kind" if sign in ("==", "!=") else "two numbers"
            help: str | None = None
            fix: tuple[Edit, ...] = ()
            if sign == "*" and isinstance(left, list) and len(expr.rest) == 1 and type(right) is int and 0 < right < 9:
                written = ", ".join([expr.first.span.text.strip("[]")] * right)
                help, fix = f"a list is written out: `[{written}]`", (Edit(expr.span, f"[{written}]"),)
            raise fail("E0304", f"`{sign}` needs {what}, not {show(left)} and {show(right)}", expr.span,
                       text=f"{kind_of(left)} and {kind_of(right)}", help=help, fix=fix)  # fmt: skip
        if sign in ORDERING:
            return ORDERING[sign](left, right)
        try:
            return self._bounded(ARITHMETIC[sign](left, right), expr.span)
        except ZeroDivisionError:
            raise fail("E0306", f"{show(left)} {sign} 0: division by zero", expr.span) from None
        except OverflowError:
            raise fail("E0604", "the result is too large", expr.span) from None

    def _bounded(self, value: Any, span: Span) -> Any:
        limit = self.budget.limits.integer
        if not -limit <= value <= limit:
            raise fail("E0604", f"the result is beyond {limit:,}", span)
        return value

    def _bounded_list(self, value: list[Value], span: Span) -> list[Value]:
        items = Items(value)
        items.size = sum(item.size if isinstance(item, Items) else 1 for item in items)
        if items.size > self.budget.limits.items:
            raise self.budget.exceeded("items", "this list has", self.budget.limits.items, "items", span)
        return items

    def _product(self, expr: ast.Product, env: Env, flow: Shape | None) -> Value:
        dims = [WILDCARD if is_wildcard(d) else self(d, env, flow) for d in expr.dims]
        for dim, syntax in zip(dims, expr.dims, strict=True):
            if dim is not WILDCARD and (not isinstance(dim, int) or isinstance(dim, bool)):
                raise fail("E0303", f"a side of a size must be an integer, not {show(dim)}", syntax.span,
                           help="`//` divides integers" if isinstance(dim, float) else None)  # fmt: skip
        return tuple(dims)

    def _list(self, expr: ast.List, env: Env, flow: Shape | None) -> Value:
        return self._bounded_list([self(item, env, flow) for item in expr.items], expr.span)

    def _index(self, expr: ast.Index, env: Env, flow: Shape | None) -> Value:
        base, index = self(expr.base, env, flow), self(expr.index, env, flow)
        if not isinstance(base, list | tuple):
            raise fail("E0304", f"only a list has items, not {show(base)}", expr.base.span)
        if not isinstance(index, int) or isinstance(index, bool):
            raise fail("E0303", f"an index must be an integer, not {show(index)}", expr.index.span)
        if not -len(base) <= index < len(base):
            many = isinstance(expr.base, ast.Name) and isinstance(base, list) and isinstance(expr.index, ast.Name)
            counted = f"; `range(len({expr.base.span.text}))` counts them" if many else ""
            raise fail("E0307", f"index {index} is outside a list of {len(base)} items", expr.index.span,
                       help=f"the items are 0 to {len(base) - 1}{counted}" if base else None)  # fmt: skip
        return base[index]

    def _conditional(self, expr: ast.Conditional, env: Env, flow: Shape | None) -> Value:
        chosen = expr.then if self.boolean(expr.condition, env, flow) else expr.otherwise
        return self(chosen, env, flow)

    def _call(self, expr: ast.Call, env: Env, flow: Shape | None) -> Value:
        name = expr.name.name
        known = name in env or name in env.definitions or (name in registry and any(a.name for a in expr.arguments))
        if name in FUNCTIONS and not known:
            return self._function(expr, env, flow)
        target = self.resolve(expr.name, env)
        if not isinstance(target, Partial):
            raise fail("E0308", f"`{name}` is {show(target)}: it can't be called", expr.name.span)
        positional, keywords = self.arguments(expr.arguments, target, env, flow)
        return Partial(target.target, target.positional + positional, {**target.keywords, **keywords})

    def arguments(
        self, given: list[ast.Argument], target: Partial, env: Env, flow: Shape | None
    ) -> tuple[tuple[tuple[Value, Span], ...], dict[str, tuple[Value, Span]]]:
        """The values of written arguments; a bare word is a word where the op's argument knows it."""
        positional: list[tuple[Value, Span]] = []
        keywords: dict[str, tuple[Value, Span]] = {}
        for argument in given:
            name = argument.name.name if argument.name else None
            written = argument.value
            if isinstance(written, ast.Literal):
                value: Value = written.value
            elif isinstance(written, ast.Name) and written.name in words_of(target, name, len(positional)):
                value = Symbol(written.name)
            elif isinstance(target.target, type) and foreign_word(argument, target.target, len(positional)):
                value = Symbol(argument.value.span.text)
            else:
                value = self(written, env, flow)
            if name is None:
                if keywords:
                    from cnndsl.elaborate import misgiven  # only where there is a mistake: it delays every start

                    raise misgiven.behind_keyword(given, misgiven.names_of(target.target))
                positional.append((value, argument.value.span))
            elif name in keywords:
                raise fail("E0302", f"`{name}` is given twice", argument.span)
            else:
                keywords[name] = (value, argument.value.span)
        return tuple(positional), keywords

    def _function(self, expr: ast.Call, env: Env, flow: Shape | None) -> Value:
        name = expr.name.name
        for argument in expr.arguments:
            if argument.name:
                raise fail("E0301", f"`{name}` has no argument `{argument.name.name}`", argument.name.span)
        values = [self(a.value, env, flow) for a in expr.arguments]
        if name == "range":
            return self._range(values, expr)
        if name in ("len", "sum"):
            if len(values) != 1 or not isinstance(values[0], list):
                raise fail("E0304", f"`{name}` takes one list", expr.span)
            if name == "len":
                return len(values[0])
            self.budget.spend(4 * len(values[0]), expr.span)
            total: Value = 0
            for value in values[0]:
                total = self._apply("+", total, value, ast.Operation(expr.name, [], expr.span))
            return total
        function, count = NUMERIC[name]
        if len(values) == 1 and count is None and isinstance(values[0], list):
            values = values[0]
        wrong = [v for v in values if isinstance(v, bool) or not isinstance(v, int | float)]
        if wrong or not values or (count is not None and len(values) != count):
            takes = "numbers" if count is None else "one number"
            raise fail("E0304", f"`{name}` takes {takes}, not ({', '.join(map(show, values))})", expr.span)
        try:
            return self._bounded(function(*values) if len(values) > 1 or count else values[0], expr.span)
        except ValueError:
            raise fail("E0306", f"`{name}` is not defined for {show(values[0])}", expr.span) from None

    def _range(self, values: list[Value], expr: ast.Call) -> Value:
        if not 1 <= len(values) <= 3 or any(not isinstance(v, int) or isinstance(v, bool) for v in values):
            raise fail("E0304", "`range` takes one to three integers", expr.span)
        if len(values) == 3 and values[2] == 0:
            raise fail("E0306", "the step of `range` can't be 0", expr.span)
        numbers = range(*values)
        if len(numbers) > self.budget.limits.items:
            raise self.budget.exceeded("items", "this list has", self.budget.limits.items, "items", expr.span)
        self.budget.spend(len(numbers), expr.span)
        return self._bounded_list(list(numbers), expr.span)

    _methods: ClassVar[dict[type, Callable[..., Value]]] = {
        ast.Literal: _literal, ast.Name: _name, ast.InputDim: _input_dim, ast.Unary: _unary,
        ast.Operation: _operation, ast.Product: _product, ast.List: _list, ast.Index: _index,
        ast.Conditional: _conditional, ast.Call: _call,
    }  # fmt: skip


@cache
def words() -> frozenset[str]:
    """The bare words that some op's argument knows."""
    return frozenset(word for op in registry.values() for a in op.args.values() for word in a.words)


def words_of(target: Partial, name: str | None, position: int) -> tuple[str, ...]:
    """The bare words that an op's argument knows, by keyword or by position behind those already given."""
    if isinstance(target.target, Definition):
        return ()
    args = target.target.args
    if name is None:
        name = next(islice(args, position + len(target.positional), None), None)
    return args[name].words if name in args else ()


def foreign_word(argument: ast.Argument, op: type[Op], position: int) -> bool:
    """Whether an argument that the op doesn't have is a word of Python's, or what flows in: its place is told of."""
    value = argument.value
    if not isinstance(value, ast.Name):
        return False
    if argument.name is not None:
        return argument.name.name not in op.args and value.name in habits.WORDS
    return position == 0 and not op.args


def is_wildcard(expr: ast.Expr) -> bool:
    """Whether an expression is ``_``, any size in a shape."""
    return isinstance(expr, ast.Name) and expr.name == "_"


def ops(lanes: bool) -> list[str]:
    """The ops that join lanes, or those that don't."""
    return [name for name, op in registry.items() if issubclass(op, Merge) is lanes]


def own_names(known: Iterable[str]) -> list[str]:
    """The names that a spec defines, without the ops."""
    return [name for name in known if name not in registry]


def unknown_name(name: ast.Name, known: list[str], what: str) -> SpecError:
    """E0201 for a name that nothing defines."""
    message, written = f"there is no {what} `{name.name}`", name.name
    meant = habits.called(written, known)
    more: dict[str, Any] = {}
    if written in habits.WORDS:
        word = habits.WORDS[written]
        more = {"help": f"it is written `{word}` here"}
        if word != "none":
            more |= {"fix": (Edit(name.span, word),), "safe": True}
    elif what == "name" and written in (*FUNCTIONS, *habits.FUNCTIONS):
        own = f"it is a function, and a value where it is called: `{written}(…)`"
        more = {"help": own if written in FUNCTIONS else habits.FUNCTIONS[written],
                "fix": (Edit(name.span, "floor"),) if written == "int" else ()}  # fmt: skip
    elif what == "name" and (dim := habits.INPUT_DIM.fullmatch(written)) and not guess(written, own_names(known)).names:
        shown = f"in.{'channels' if dim[2] == 'planes' else dim[2]}"
        more = {"help": f"what comes in is `{shown}`", "fix": (Edit(name.span, shown),) if dim[1] else ()}
    elif meant is not None:
        shown = {"conv": "; what comes in is never given: `conv(64, 3x3)`",
                 "linear": "; what comes in is never given: `linear(10)`"}.get(meant, "")  # fmt: skip
        same = written in habits.SYNONYMS
        more = {"help": f"it is called `{meant}` here{shown}", "fix": (Edit(name.span, meant),) if same else (),
                "safe": same}  # fmt: skip
    elif absent := habits.absent(written):
        more = {"help": absent}
    else:
        more = respelling(written, name.span, known)
        library = suggestion(written, std.index()) if what == "op or block" and not more["help"] else None
        if library:
            more = {"help": f"the standard library has one: `use std.{library}` at the top of the file"}
    return fail("E0201", message, name.span, text="not defined", **more)
