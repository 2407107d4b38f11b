"""Python's syntax trees as text, in the style of the formatters that people use: the one printer of emitted code.

It prints what the backend writes, not all of Python: another node is an error of ours.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

WIDTH = 100
"""Columns of a line."""

BINARY: dict[type[ast.operator], tuple[str, int]] = {
    ast.BitOr: ("|", 5), ast.Add: ("+", 9), ast.Sub: ("-", 9), ast.Mult: ("*", 10), ast.Div: ("/", 10),
    ast.FloorDiv: ("//", 10), ast.Mod: ("%", 10), ast.Pow: ("**", 12),
}  # fmt: skip
COMPARISON: dict[type[ast.cmpop], str] = {
    ast.Eq: "==", ast.NotEq: "!=", ast.Lt: "<", ast.LtE: "<=", ast.Gt: ">", ast.GtE: ">=",
    ast.Is: "is", ast.IsNot: "is not", ast.In: "in", ast.NotIn: "not in",
}  # fmt: skip
ESCAPED = str.maketrans({"{": "{{", "}": "}}", '"': '\\"', "\\": "\\\\"})
"""In the text of an f-string."""
CONDITIONAL, OR, AND, NOT, COMPARE, UNARY, ATOM = 1, 2, 3, 4, 5, 11, 14
"""How tightly operators bind; those of `BINARY` lie between."""


def expression(node: ast.expr) -> str:
    """An expression on one line."""
    return _text(node)[0]


def statements(body: Iterable[ast.stmt], indent: str = "") -> Iterator[str]:
    """The lines of statements; those that are too long are broken."""
    for node in body:
        yield from _statement(node, indent)


# --- statements


def _statement(node: ast.stmt, indent: str) -> Iterator[str]:
    match node:
        case ast.Assign(targets=[target], value=value):
            yield from _broken(value, indent, f"{expression(target)} = ", "")
        case ast.AnnAssign(target=target, annotation=annotation, value=value):
            head = f"{expression(target)}: {expression(annotation)}"
            if value is None:
                yield indent + head
            else:
                yield from _broken(value, indent, f"{head} = ", "")
        case ast.AugAssign(target=target, op=op, value=value):
            yield from _broken(value, indent, f"{expression(target)} {BINARY[type(op)][0]}= ", "")
        case ast.Expr(value=value):
            yield from _broken(value, indent, "", "")
        case ast.Return(value=None):
            yield f"{indent}return"
        case ast.Return(value=value) if value is not None:
            yield from _broken(value, indent, "return ", "", filled=True)
        case ast.Raise(exc=error) if error is not None:
            yield from _broken(error, indent, "raise ", "")
        case ast.Pass():
            yield f"{indent}pass"
        case ast.If():
            yield from _branches(node, indent)
        case ast.For(target=target, iter=items, body=body):
            yield from _broken(items, indent, f"for {_index(target)} in ", ":")
            yield from statements(body, indent + "    ")
        case _:
            raise TypeError(f"{type(node).__name__} is never emitted")


def _branches(node: ast.If, indent: str) -> Iterator[str]:
    word = "if "
    while True:
        yield from _broken(node.test, indent, word, ":")
        yield from statements(node.body, indent + "    ")
        match node.orelse:
            case [ast.If() as inner]:
                node, word = inner, "elif "
            case []:
                return
            case body:
                yield f"{indent}else:"
                yield from statements(body, indent + "    ")
                return


def signature(name: str, arguments: Sequence[str], result: str, indent: str = "") -> Iterator[str]:
    """The head of a function, its arguments with their annotations and defaults."""
    line = f"{indent}def {name}({', '.join(arguments)}) -> {result}:"
    if len(line) <= WIDTH:
        yield line
        return
    yield f"{indent}def {name}("
    filled = f"{indent}    {', '.join(arguments)}"
    if len(filled) <= WIDTH:
        yield filled
    else:
        yield from (f"{indent}    {argument}," for argument in arguments)
    yield f"{indent}) -> {result}:"


# --- long expressions


def _broken(node: ast.expr, indent: str, head: str, tail: str, filled: bool = False) -> Iterator[str]:
    """``head node tail``, broken inside the node's brackets where it is too long for a line.

    ``filled``: what stands in the brackets stays on one line of its own where it fits there.
    """
    line = f"{indent}{head}{expression(node)}{tail}"
    last = _last_operand(node) if len(line) > WIDTH else None
    if last is not None and len(f"{indent}{head}{last[0]}{expression(last[1]).partition('(')[0]}(") <= WIDTH:
        yield from _broken(last[1], indent, f"{head}{last[0]}", tail, filled)
        return
    place = _brackets(node) if len(line) > WIDTH else None
    if place is not None:
        before, items, after = place
        yield f"{indent}{head}{before}"
        inner = indent + "    "
        joined = f"{inner}{', '.join(text for _, _, text in items)}"
        if filled and len(joined) < WIDTH:
            yield joined
        else:
            for prefix, item, _ in items:
                yield from _item(item, inner, prefix, ",")
        yield f"{indent}{after}{tail}"
    elif len(line) > WIDTH and isinstance(node, ast.BinOp | ast.BoolOp | ast.Compare | ast.IfExp):
        yield f"{indent}{head}("
        yield from _operands(node, indent + "    ", "")
        yield f"{indent}){tail}"
    else:
        yield line


def _last_operand(node: ast.expr) -> tuple[str, ast.expr] | None:
    """What stands before the second of two operands, and that one, if it has brackets to break at."""
    if not isinstance(node, ast.BinOp | ast.Compare):
        return None
    terms = list(_terms(node))
    (_, left, level), (sign, right, _) = terms[0], terms[-1]
    bracketed = isinstance(right, ast.Call | ast.Tuple | ast.List) and _brackets(right) is not None
    return (f"{_in(left, level)} {sign}", right) if len(terms) == 2 and bracketed else None


def _item(node: ast.expr, indent: str, head: str, tail: str) -> Iterator[str]:
    """One of several things in brackets: an operation needs none of its own, where nothing stands before it."""
    operation = isinstance(node, ast.BinOp | ast.BoolOp | ast.Compare | ast.IfExp)
    if not head and operation and len(f"{indent}{expression(node)}{tail}") > WIDTH:
        yield from _operands(node, indent, tail)
    else:
        yield from _broken(node, indent, head, tail)


Items = list[tuple[str, ast.expr, str]]
"""What stands between brackets: the keyword and its ``=``, the value, and both as text."""


def _brackets(node: ast.expr) -> tuple[str, Items, str] | None:
    """The brackets to break at, with the text before and behind: the longest that are not inside others."""
    found: list[tuple[str, Items, str]] = []
    after = ""
    while True:
        match node:
            case ast.Call(func=function, args=args, keywords=keywords):
                items: Items = [("", arg, expression(arg)) for arg in args]
                for each in keywords:
                    prefix = f"{each.arg}=" if each.arg else "**"
                    items.append((prefix, each.value, prefix + expression(each.value)))
                inside = ", ".join(text for _, _, text in items)
                lone = len(args) == 1 and not keywords and isinstance(args[0], ast.GeneratorExp)
                if items and not lone:
                    found.append((f"{expression(function)}(", items, f"){after}"))
                after = f"({inside}){after}"
                node = function
            case ast.Attribute(value=value, attr=name):
                after = f".{name}{after}"
                node = value
            case ast.Subscript(value=value, slice=index):
                after = f"[{_index(index)}]{after}"
                node = value
            case ast.List(elts=elements) | ast.Set(elts=elements) | ast.Tuple(elts=elements) if elements:
                pair = {ast.List: "[]", ast.Set: "{}", ast.Tuple: "()"}[type(node)]
                found.append((pair[0], [("", e, expression(e)) for e in elements], f"{pair[1]}{after}"))
                break
            case _:
                break
    return max(found, key=lambda place: sum(len(text) + 2 for _, _, text in place[1]), default=None)


def _operands(node: ast.expr, indent: str, tail: str) -> Iterator[str]:
    """An operation, a line for each of its operands of the outermost level."""
    parts = list(_terms(node))
    for position, (sign, operand, level) in enumerate(parts):
        text = _in(operand, level)
        end = tail if position == len(parts) - 1 else ""
        if len(f"{indent}{sign}{text}{end}") > WIDTH and text == expression(operand):
            yield from _broken(operand, indent, sign, end)
        else:
            yield f"{indent}{sign}{text}{end}"


def _terms(node: ast.expr) -> Iterator[tuple[str, ast.expr, int]]:
    """The operands of an operation with the signs before them, and how tightly each must bind."""
    match node:
        case ast.BinOp(left=left, op=op, right=right):
            sign, level = BINARY[type(op)]
            if isinstance(left, ast.BinOp) and BINARY[type(left.op)][1] == level:
                yield from _terms(left)
            else:
                yield "", left, level
            yield f"{sign} ", right, level + 1
        case ast.BoolOp(op=op_, values=values):
            word, level = ("or ", OR) if isinstance(op_, ast.Or) else ("and ", AND)
            yield from ((word if position else "", value, level + 1) for position, value in enumerate(values))
        case ast.Compare(left=left, ops=ops, comparators=others):
            yield "", left, COMPARE + 1
            yield from ((f"{COMPARISON[type(o)]} ", other, COMPARE + 1) for o, other in zip(ops, others, strict=True))
        case ast.IfExp(test=test, body=body, orelse=other):
            yield "", body, CONDITIONAL + 1
            yield "if ", test, CONDITIONAL + 1
            yield "else ", other, CONDITIONAL
        case _:
            yield "", node, 0


# --- expressions on one line


def _in(node: ast.expr, level: int) -> str:
    """A node as part of something that binds as tightly as ``level``."""
    text, own = _text(node)
    return f"({text})" if own < level else text


@lru_cache(maxsize=4096)
def _text(node: ast.expr) -> tuple[str, int]:
    """The text of an expression, and how tightly its outermost operator binds.

    A long expression is broken level by level, and each level asks for the text of all within it.
    """
    match node:
        case ast.Name(id=name):
            return name, ATOM
        case ast.Constant(value=value):
            return _constant(value), UNARY if isinstance(value, int | float) and str(value)[0] == "-" else ATOM
        case ast.Attribute(value=value, attr=name):
            inner = _in(value, ATOM)
            return (f"({inner}).{name}" if inner.isdigit() else f"{inner}.{name}"), ATOM
        case ast.Call(func=function):
            return f"{_in(function, ATOM)}({', '.join(_arguments(node))})", ATOM
        case ast.Subscript(value=value, slice=index):
            return f"{_in(value, ATOM)}[{_index(index)}]", ATOM
        case ast.Starred(value=value):
            return f"*{_in(value, OR)}", ATOM
        case ast.List(elts=elements):
            return f"[{', '.join(map(expression, elements))}]", ATOM
        case ast.Set(elts=elements):
            return f"{{{', '.join(map(expression, elements))}}}", ATOM
        case ast.Tuple(elts=elements):
            return f"({', '.join(map(expression, elements))}{',' if len(elements) == 1 else ''})", ATOM
        case ast.Dict(keys=keys, values=values):
            pairs = (f"{expression(k)}: {expression(v)}" for k, v in zip(keys, values, strict=True) if k is not None)
            return f"{{{', '.join(pairs)}}}", ATOM
        case ast.JoinedStr():
            return _formatted(node), ATOM
        case ast.GeneratorExp(elt=element, generators=[each]):
            return f"({_comprehension(element, each)})", ATOM
        case ast.ListComp(elt=element, generators=[each]):
            return f"[{_comprehension(element, each)}]", ATOM
        case _:
            return _operation(node)


def _operation(node: ast.expr) -> tuple[str, int]:
    match node:
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return f"not {_in(operand, NOT)}", NOT
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return f"-{_in(operand, UNARY)}", UNARY
        case ast.BinOp(left=left, op=ast.Pow(), right=right):
            level = BINARY[ast.Pow][1]
            return f"{_in(left, level + 1)} ** {_in(right, UNARY)}", level
        case ast.BinOp(op=op):
            level = BINARY[type(op)][1]
        case ast.BoolOp(op=op_):
            level = OR if isinstance(op_, ast.Or) else AND
        case ast.Compare():
            level = COMPARE
        case ast.IfExp():
            level = CONDITIONAL
        case _:
            raise TypeError(f"{type(node).__name__} is never emitted")
    return " ".join(f"{sign}{_in(operand, inner)}" for sign, operand, inner in _terms(node)), level


def _arguments(call: ast.Call) -> Iterator[str]:
    match call:
        case ast.Call(args=[ast.GeneratorExp(elt=element, generators=[each])], keywords=[]):
            yield _comprehension(element, each)  # in the brackets of the call
        case _:
            yield from map(expression, call.args)
            yield from (f"{k.arg}={expression(k.value)}" if k.arg else f"**{_in(k.value, OR)}" for k in call.keywords)


def _comprehension(element: ast.expr, each: ast.comprehension) -> str:
    conditions = "".join(f" if {_in(test, OR)}" for test in each.ifs)
    return f"{expression(element)} for {expression(each.target)} in {_in(each.iter, OR)}{conditions}"


def _index(node: ast.expr) -> str:
    """What stands in a subscript's brackets, or is the target of a loop: a tuple needs none of its own."""
    match node:
        case ast.Tuple(elts=elements) if elements:
            return ", ".join(map(_index, elements)) + ("," if len(elements) == 1 else "")
        case ast.Slice(lower=lower, upper=upper, step=step):
            ends = (expression(end) if end is not None else "" for end in (lower, upper))
            return ":".join(ends) + (f":{expression(step)}" if step is not None else "")
    return expression(node)


def _constant(value: object) -> str:
    """A literal; a string in double quotes unless others save escapes."""
    text = repr(value)
    if isinstance(value, str) and text[0] == "'" and '"' not in text:
        return f'"{text[1:-1]}"'
    return text


def _formatted(node: ast.JoinedStr) -> str:
    parts = []
    for part in node.values:
        if isinstance(part, ast.Constant):
            parts.append(str(part.value).translate(ESCAPED))
        else:
            assert isinstance(part, ast.FormattedValue)
            inner = expression(part.value)
            parts.append(f"{{{' ' if inner.startswith('{') else ''}{inner.replace(chr(34), chr(39))}}}")
    return f'f"{"".join(parts)}"'
