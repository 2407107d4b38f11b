"""Compile-time expressions and values as Python text."""

from __future__ import annotations

import ast as py
import keyword
import re
from collections.abc import Callable, Collection, Mapping
from typing import Any

from cnndsl.elaborate.evaluate import FUNCTIONS, words
from cnndsl.elaborate.values import Definition, Partial
from cnndsl.ops import Symbol
from cnndsl.syntax import ast
from cnndsl_torch.modules import names as helpers

IMPORTED = frozenset(
    ["nn", "torch", "F", "math", "partial", "Any", "Callable", "OrderedDict", "NamedTuple", "Tensor", "annotations"]
)
"""Names that emitted files may import."""
TAKEN = IMPORTED.union(
    helpers(),
    ["_", "self", "x", "module", "path", "tensor", "layers", "channels", "in_channels", "in_features", "super", "range",
     "len", "sum", "min", "max", "abs", "round", "list", "str", "dict", "int", "float", "bool", "isinstance",
     "enumerate"],
)  # fmt: skip
"""Names that the emitted functions use themselves."""


MANY = 100
"""Terms of one expression: each is a level of Python's tree, which is gone through recursively."""


LONG = 800
"""Characters of an expression that is put together."""


class Decline(Exception):
    """The class can't be written with parameters; its instances are written out one by one."""


class Fix(Exception):
    """A branch that is never taken can't be written: the parameters that choose it are to be constants."""

    def __init__(self, parameters: set[str]) -> None:
        super().__init__(", ".join(parameters))
        self.parameters = parameters


def identifier(name: str) -> str:
    """A spec's name as a Python variable: itself, unless Python or the emitted code uses the word.

    Within a class Python renames what begins with two underscores.
    """
    if name.startswith("__"):
        name = "_" + name.lstrip("_")
    return f"{name}_" if keyword.iskeyword(name) or name in TAKEN else name


def variables_of(names: Collection[str]) -> dict[str, str]:
    """Each name's Python variable: itself where it can be, and no two the same."""
    found = {name: name for name in names if identifier(name) == name}
    for name in sorted(set(names) - found.keys()):
        found[name] = unused(identifier(name), set(found.values()))
    return found


def unused(name: str, taken: Collection[str]) -> str:
    while name in taken:
        name += "_"
    return name


def class_name(syntax: ast.Block | ast.Network) -> str:
    """``alexnet_paper`` → ``AlexnetPaper``; a name that begins with a capital stays."""
    name = syntax.name.name
    words = name if name[:1].isupper() else "".join(part[:1].upper() + part[1:] for part in name.split("_"))
    return words if words.isidentifier() else type(syntax).__name__ + words


def literal(value: Any) -> str:
    """A plain value; a square size as its side, as PyTorch's own code writes it."""
    if isinstance(value, Symbol):
        value = None if value == "none" else str(value)
    if isinstance(value, tuple) and len(value) == 2 and value[0] == value[1]:
        value = value[0]
    if isinstance(value, list | tuple):
        items = ", ".join(literal_item(v) for v in value)
        return f"[{items}]" if isinstance(value, list) else f"({items}{',' if len(value) == 1 else ''})"
    return repr(value)


def literal_item(value: Any) -> str:
    """A value inside a list: a size there stays a pair, so that all items are alike."""
    return f"({value[0]!r}, {value[1]!r})" if isinstance(value, tuple) and len(value) == 2 else literal(value)


class Translator:
    """Writes expressions in the scope of one class.

    ``flow`` gives the text of ``in.channels`` and its like; ``reference`` the text of a block as a value;
    ``keyword`` what the class of a block calls a parameter, None where it has none.
    """

    def __init__(
        self, parameters: Mapping[str, str], flow: Callable[[str], str], reference: Callable[[Partial], str],
        names: Mapping[str, Definition], keyword: Callable[[Definition, str], str | None],
    ) -> None:  # fmt: skip
        self.variables = dict(parameters)
        self.flow, self.reference, self.names, self.keyword = flow, reference, names, keyword

    def __call__(self, expr: ast.Expr) -> str:
        return fold(self._text(expr))

    def _text(self, expr: ast.Expr) -> str:
        match expr:
            case ast.Operation():
                rest = "".join(f" {sign} {self._text(operand)}" for sign, operand in expr.rest)
                return f"({self._text(expr.first)}{rest})"
            case ast.Literal():
                return literal(expr.value)
            case ast.Name():
                return f"({self._name(expr.name)})"
            case ast.InputDim():
                return f"({self.flow(expr.dim)})"
            case ast.Unary():
                return f"({'not ' if expr.operator == 'not' else '-'}{self._text(expr.operand)})"
            case ast.Product():
                return f"({', '.join(self._text(d) for d in expr.dims)})"
            case ast.List():
                return f"[{', '.join(self._text(i) for i in expr.items)}]"
            case ast.Index():
                return f"{self._text(expr.base)}[{self._text(expr.index)}]"
            case ast.Conditional():
                parts = (self._text(e) for e in (expr.then, expr.condition, expr.otherwise))
                return "({} if {} else {})".format(*parts)
            case ast.Call():
                return self._call(expr)

    def _name(self, name: str) -> str:
        if name in self.variables:
            return self.variables[name]
        if name in self.names:
            return self.reference(Partial(self.names[name]))
        if name in words():
            return literal(Symbol(name))
        raise Decline(f"{name} is no value in Python")

    def _call(self, expr: ast.Call) -> str:
        name = expr.name.name
        if name in FUNCTIONS and name not in self.variables and name not in self.names:
            arguments = ", ".join(self._text(a.value) for a in expr.arguments)
            if name == "range":
                return f"list(range({arguments}))"
            return f"{'math.' if name in ('floor', 'ceil', 'sqrt') else ''}{name}({arguments})"
        if name in self.names:
            definition = self.names[name]
            parameters = [p.name.name for p in definition.syntax.parameters]
            given = []
            for position, argument in enumerate(expr.arguments):
                parameter = self.keyword(definition, argument.name.name if argument.name else parameters[position])
                if parameter is not None:
                    given.append(f"{parameter}={self._text(argument.value)}")
            reference = self.reference(Partial(definition))
            return f"partial({reference}, {', '.join(given)})" if given else reference
        raise Decline(f"{name} is no block")


def fold(text: str) -> str:
    """The text in Python's own style, integer arithmetic on literals done, no needless parentheses."""
    return _unparse(_Fold().visit(_parsed(text))) if _complex(text) else text


def substitute(text: str, values: Mapping[str, str]) -> str:
    """The text with variables replaced by texts, then folded.

    Raises:
        Decline: it becomes longer than anyone reads; texts that hold one another twice grow without end.
    """
    words = [word for word in re.findall(r"[A-Za-z_]\w*", text) if word in values]
    if words and len(text) + sum(len(values[word]) for word in words) > LONG:
        raise Decline("an expression that is too long")
    parsed = {word: _parsed(values[word]).body for word in set(words)}
    tree = _Substitute(parsed).visit(_parsed(text))
    return _unparse(_Fold().visit(tree))


def _parsed(text: str) -> py.Expression:
    """The tree of an expression. Raises Decline where it is too deep to go through."""
    if sum(map(text.count, "+-*/%")) > 2 * MANY:
        raise Decline("an expression of so many terms is more than Python reads")
    return py.parse(text, mode="eval")


def addend(text: str, variable: str) -> str:
    """What a text adds to a variable that it begins with; empty if it does not, or does anything else."""
    tree = py.parse(text, mode="eval").body
    match tree:
        case py.BinOp(left=py.Name(id=name), op=py.Add(), right=right) if name == variable:
            return _unparse(right)
        case py.BinOp(left=left, op=py.Add(), right=right) if rest := addend(py.unparse(left), variable):
            return fold(f"({rest}) + ({py.unparse(right)})")
    return ""


def makes_anew(text: str) -> bool:
    """Whether an expression makes an object that all calls would share if it were a parameter's default."""
    return any(isinstance(node, py.List | py.Call) for node in py.walk(py.parse(text, mode="eval")))


def operand(text: str) -> str:
    """The text as a part of a conditional expression."""
    return f"({text})" if isinstance(py.parse(text, mode="eval").body, py.IfExp) else text


def names_in(text: str) -> set[str]:
    return {node.id for node in py.walk(py.parse(text, mode="eval")) if isinstance(node, py.Name)}


def _unparse(tree: py.AST) -> str:
    """Python's own text of a tree, with double quotes where that is safe."""
    text = py.unparse(py.fix_missing_locations(tree))
    return text.replace("'", '"') if '"' not in text and "\\" not in text else text


def _complex(text: str) -> bool:
    return not (text.isidentifier() or text.isdigit())


class _Substitute(py.NodeTransformer):
    def __init__(self, values: Mapping[str, py.expr]) -> None:
        self.values = values

    def visit_Name(self, node: py.Name) -> py.expr:
        return self.values.get(node.id, node)


class _Fold(py.NodeTransformer):
    """Does integer arithmetic where both sides are literal, and drops + 0, * 1 and // 1."""

    def visit_BinOp(self, node: py.BinOp) -> py.expr:
        self.generic_visit(node)
        left, right = _integer(node.left), _integer(node.right)
        if left is not None and right is not None:
            match node.op:
                case py.Add():
                    return py.Constant(left + right)
                case py.Mult():
                    return py.Constant(left * right)
                case py.Sub() if left >= right:
                    return py.Constant(left - right)
                case py.FloorDiv() if right > 0:
                    return py.Constant(left // right)
        if isinstance(node.op, py.Mult | py.FloorDiv) and right == 1:
            return node.left
        if isinstance(node.op, py.Add) and right == 0:
            return node.left
        if isinstance(node.op, py.Mult) and left == 1:
            return node.right
        return node


def _integer(node: py.expr) -> int | None:
    if isinstance(node, py.Constant) and isinstance(node.value, int) and not isinstance(node.value, bool):
        return node.value
    return None
