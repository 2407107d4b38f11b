"""Expressions and values of the language in Python."""

from __future__ import annotations

import ast as py
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from cnndsl.elaborate.evaluate import FUNCTIONS, words
from cnndsl.elaborate.values import Definition, Partial
from cnndsl.ops import Layer, Violation, registry
from cnndsl.syntax import ast
from cnndsl_torch import tree
from cnndsl_torch.lowering import RULES, Lowered, OpCall
from cnndsl_torch.text import argument_text
from cnndsl_torch.tree import Expr
from cnndsl_torch.write.place import Decline

if TYPE_CHECKING:
    from cnndsl_torch.write.program import Program

MANY = 100
"""Terms of one expression: each is a level of Python's tree, which is gone through recursively."""
FLOWING = "channels_"
"""Stands for the channels that flow into an op of which only the module is asked for."""
MATH = ("floor", "ceil", "sqrt")


class Translator:
    """Writes expressions as they stand in one place.

    ``names`` is what the spec's names are there, ``defined`` gives the blocks that are no such names, ``dimension``
    gives ``in.channels`` and its like.
    """

    def __init__(self, program: Program, names: Mapping[str, Expr], defined: Callable[[str], Definition | None],
                 dimension: Callable[[str], Expr]) -> None:  # fmt: skip
        self.program, self.names, self.defined, self.dimension = program, names, defined, dimension

    def __call__(self, expr: ast.Expr) -> Expr:
        """Raises Decline where it is no value in Python."""
        match expr:
            case ast.Literal():
                return tree.literal(expr.value)
            case ast.Name():
                return self._name(expr.name)
            case ast.InputDim():
                return self.dimension(expr.dim)
            case ast.Unary(operator="not"):
                return py.UnaryOp(py.Not(), self(expr.operand))
            case ast.Unary():
                return py.UnaryOp(py.USub(), self(expr.operand))
            case ast.Operation():
                return self._operation(expr)
            case ast.Product():
                return tree.paired(*map(self, expr.dims))
            case ast.List():
                return tree.listed(*map(self, expr.items))
            case ast.Index():
                return tree.subscript(self(expr.base), self(expr.index))
            case ast.Conditional():
                return py.IfExp(self(expr.condition), self(expr.then), self(expr.otherwise))
            case ast.Call():
                return self._call(expr)

    def _operation(self, expr: ast.Operation) -> Expr:
        if len(expr.rest) > MANY:
            raise Decline("an expression of so many terms is more than Python reads")
        signs = [sign for sign, _ in expr.rest]
        operands = [self(each) for each in (expr.first, *(operand for _, operand in expr.rest))]
        if signs[0] in ("and", "or"):
            return py.BoolOp(py.And() if signs[0] == "and" else py.Or(), operands)
        value = operands[0]
        for sign, operand in zip(signs, operands[1:], strict=True):
            if sign in tree.COMPARED:
                value = py.Compare(value, [tree.COMPARED[sign]()], [operand])
            else:
                value = tree.operation(sign, value, operand)
        return value

    def _name(self, name: str) -> Expr:
        if name in self.names:
            return self.names[name]
        definition = self.defined(name)
        if definition is not None:
            return self.program.reference(definition)
        if name in words():
            return tree.literal(None if name == "none" else name)
        raise Decline(f"{name} is no value in Python")

    def _call(self, expr: ast.Call) -> Expr:
        name = expr.name.name
        definition = self.defined(name)
        if name in FUNCTIONS and name not in self.names and definition is None:
            arguments = [self(each.value) for each in expr.arguments]
            if name == "range":
                return tree.call("list", tree.call("range", *arguments))
            return tree.call(f"math.{name}" if name in MATH else name, *arguments)
        if definition is None:
            raise Decline(f"{name} is no block")
        parameters = [each.name.name for each in definition.syntax.parameters]
        given = {
            argument.name.name if argument.name else parameters[position]: self(argument.value)
            for position, argument in enumerate(expr.arguments)
        }
        return self.program.bound(definition, given)


def default_of(program: Program, expr: ast.Expr) -> Expr:
    """A parameter's default that is an op. Raises Decline where it is none, or has arguments that are no literals."""
    call = expr if isinstance(expr, ast.Call) else ast.Call(expr, [], expr.span) if isinstance(expr, ast.Name) else None
    if call is None or call.name.name not in registry:
        raise Decline("a default that is no op")
    given = [(each.name, each.value) for each in call.arguments]
    known = [(name, (value.value, value.span)) for name, value in given if isinstance(value, ast.Literal)]
    positional = tuple(value for name, value in known if name is None)
    keywords = {name.name: value for name, value in known if name is not None}
    if len(known) < len(given):
        raise Decline("a default with arguments that are no literals")
    return op_value(program, Partial(registry[call.name.name], positional, keywords))


def value_of(program: Program, value: Any) -> Expr:
    """A value that a parameter has, in Python. Raises Decline where it has none there."""
    if isinstance(value, list):
        return tree.listed(*(value_of(program, each) for each in value))
    if isinstance(value, tuple) and not program.sizes_pass:
        return tree.paired(*map(tree.literal, value))
    if not isinstance(value, Partial):
        return tree.literal(value)
    if not isinstance(value.target, Definition):
        return op_value(program, value)
    parameters = [each.name.name for each in value.target.syntax.parameters]
    given = dict(zip(parameters, (v for v, _ in value.positional), strict=False))
    given |= {k: v for k, (v, _) in value.keywords.items()}
    return program.bound(value.target, {k: value_of(program, v) for k, v in given.items()})


def op_value(program: Program, value: Partial) -> Expr:
    """What makes the module of an op. Raises Decline where that takes the channels that flow in."""
    cls = value.target
    if isinstance(cls, Definition) or not issubclass(cls, Layer) or has_state(cls):
        raise Decline("an op as a value")
    given = dict(zip(cls.args, (v for v, _ in value.positional), strict=False))
    given |= {k: v for k, (v, _) in value.keywords.items()}
    try:
        op = cls(**{name: cls.args[name].kind.parse(each) for name, each in given.items()})
    except (KeyError, TypeError, ValueError, Violation):
        raise Decline("an op that lacks arguments") from None
    texts = {k: argument_text(v, cls.args[k].kind) for k, v in op.values().items() if v != cls.args[k].default}
    lowered = RULES[cls](OpCall((op,), cls, (), FLOWING, texts, False))
    assert isinstance(lowered, Lowered)
    module = tree.parse(lowered.module)
    if not isinstance(module, py.Call) or FLOWING in tree.names_in(module):
        raise Decline("an op whose module takes channels")
    program.helpers.update(lowered.helpers)
    return (
        py.Call(tree.name("partial"), [module.func, *module.args], module.keywords)
        if (module.args or module.keywords)
        else module.func
    )


def has_state(cls: type[Layer]) -> bool:
    """Whether an op has tensors, and with them a place in the ``state_dict``."""
    return cls.tensors is not Layer.tensors or cls.buffers is not Layer.buffers
