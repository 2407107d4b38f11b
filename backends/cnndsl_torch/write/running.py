"""Heights and widths while the module runs.

An op without tensors whose arguments read them is computed from the size at hand. Whatever else reads them was decided
when the module was built: ``forward`` checks that it holds for the size at hand.
"""

from __future__ import annotations

import ast as py
import operator
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import reduce
from typing import Any

from cnndsl.elaborate.evaluate import ARITHMETIC, ORDERING
from cnndsl.ir.dims import Shape
from cnndsl.ir.expansion import Body, Scope, Step
from cnndsl.ir.graph import Node
from cnndsl.ops import Layer, Merge, Mismatch, registry
from cnndsl.sizes import Formula, Size, formula_of, symbol
from cnndsl.syntax import ast
from cnndsl_torch import tree
from cnndsl_torch.lowering import Lowered
from cnndsl_torch.names import identifier
from cnndsl_torch.tree import Expr, Stmt
from cnndsl_torch.write import apply
from cnndsl_torch.write.expansions import bodies_in, own_steps
from cnndsl_torch.write.place import NOTHING, Decline, Depends, Measured, Place, Value, stored
from cnndsl_torch.write.reading import SIDES, exprs, leaves, parts, period_of
from cnndsl_torch.write.result import Application, result
from cnndsl_torch.write.translate import Translator
from cnndsl_torch.write.writer import Writer

OPERATIONS = {**ARITHMETIC, **ORDERING, "==": operator.eq, "!=": operator.ne}
DEEP = 30
"""Changes of size of which one formula is made."""
MAP = py.Slice(py.Constant(2))
"""Of a shape, the height and width."""
SHOWN = 60
"""Characters of the spec that a message quotes."""


# --- computing


def at_hand(w: Writer, place: Place, value: Value) -> Translator:
    """Writes expressions in ``forward``, where a value is in a variable."""

    class Known(dict[str, Expr]):
        def __missing__(self, name: str) -> Expr:
            self[name] = w.attribute_of(place.names[name], identifier(name), place.init)
            return self[name]

        def __contains__(self, name: object) -> bool:
            return super().__contains__(name) or name in place.names

    def dimension(dim: str) -> Expr:
        if dim in SIDES:
            return side(value.tensor, SIDES.index(dim))
        return value.channels if tree.is_literal(value.channels) else shape(value.tensor, 1)

    return Translator(
        w.program, w.definition, Known({name: each.expr for name, each in place.sizes.items()}), dimension
    )


def shape(tensor: Expr, axis: int) -> Expr:
    return tree.subscript(tree.attribute(tensor, "shape"), tree.literal(axis))


def side(tensor: Expr, axis: int) -> Expr:
    """The height (0) or width (1) of a tensor in a variable."""
    return shape(tensor, axis + 2)


def held(value: Value, place: Place) -> Value:
    """The value in a variable whose shape can be asked."""
    return value if isinstance(value.tensor, py.Name) else stored(value, place.variable, place.forward)


def let(w: Writer, statement: ast.Let, place: Place, value: Value, flows: Sequence[Node],
        bodies: Sequence[Body]) -> tuple[Value, Place]:  # fmt: skip
    """A `let` that reads heights or widths, as a variable of ``forward``; one that chooses is decided."""
    value = held(value, place)
    name = statement.name.name
    if _chooses(statement.value):
        if name in w.reading.used:
            for each in decisions(w, statement.value, place):
                _check(w, each, flows, value, place)
        return value, place
    try:
        expr = at_hand(w, place, value)(statement.value)
    except Decline:
        return value, place
    variable = tree.name(w.locals.new(identifier(name)))
    place.forward.append(tree.assign(variable, expr))
    numbers = {body.variables.get(name) for body in bodies if isinstance(body.variables.get(name), int | float)}
    number = numbers.pop() if len(numbers) == 1 else None
    if number is not None and not any(isinstance(each, ast.InputDim) for each in leaves(statement.value)):
        with suppress(Decline):
            number = _number(statement.value, None, place)
    return value, place.measuring(name, Measured(variable, number, depends(w, statement.value, place)))


def _chooses(expr: ast.Expr) -> bool:
    """Whether the way that an expression is worked out depends on values."""
    logic = isinstance(expr, ast.Operation) and expr.rest[0][0] in ("and", "or")
    return logic or isinstance(expr, ast.Conditional | ast.Call) or any(map(_chooses, parts(expr)))


def depends(w: Writer, expr: ast.Expr, place: Place) -> Depends:
    """The parameters that an expression of heights and widths depends on as well."""
    names = {each.name for each in leaves(expr) if isinstance(each, ast.Name)}
    measured = [place.sizes[name].depends for name in names if name in place.sizes]
    others = [w.depends(place.names[name]) for name in names if name in place.names and name not in place.sizes]
    return NOTHING.union(*measured, *others)


def computed(w: Writer, syntax: ast.Apply, steps: Sequence[Step], value: Value, place: Place) -> Value | None:
    """An op without tensors, its arguments computed in ``forward``; None where it can't be."""
    if apply.is_call(w, syntax, steps):
        return None
    cls = apply.op_class(w, syntax, steps)
    nodes = [step.node for step in steps if step.node is not None and step.node.op is not None]
    direct = registry.get(syntax.name.name) is cls and syntax.name.name not in place.names
    if not nodes or not direct or not issubclass(cls, Layer) or apply.stateful(w, replace(syntax, label=None), steps):
        return None
    try:
        given = apply.written(syntax, cls, at_hand(w, place, value))
        ops = tuple(node.op for node in nodes if node.op is not None)
        applied = Application(cls, ops, tuple(tuple(i.shape for i in node.inputs) for node in nodes), given)
        lowered = apply.ruled(w, applied, steps, value)
        behind = result(applied, [value], w.depends)
    except Decline:
        return None
    assert isinstance(lowered, Lowered)
    own = {name for each in place.sizes.values() for name in tree.names_in(each.expr)}
    measured = [expr for expr in given.values() if measures(expr, own)]
    call = lowered.running or lowered.call
    if call is None or measures(behind.channels, own) or behind.baked:
        return None
    template = tree.parse(call.replace("{x}", "_x"))
    if lowered.running is None and any(not _inside(expr, template) for expr in measured):
        return None  # the rule took its value
    _check_lows(w, cls, given, value, place)
    for step in steps:
        if step.node is not None:
            w.measured[step.node.index] = _over_sizes(syntax, step, place)
    return Value(tree.substitute(template, {"_x": value.tensor}), behind.channels, value.weight + 1, behind.sized)


def _check_lows(w: Writer, cls: type[Layer], given: Mapping[str, Expr], value: Value, place: Place) -> None:
    """Check that computed arguments are not below what the op takes: PyTorch makes empty maps of some."""
    for name, expr in given.items():
        low = getattr(cls.args[name].kind, "low", None)
        for each in expr.elts if isinstance(expr, py.Tuple) else [expr]:
            if isinstance(low, int) and isinstance(each, py.BinOp):
                message = py.Constant(f"{stated(w)}: `{name}` of `{cls.name}` is ")
                shown_here = [message, py.FormattedValue(each, -1), py.Constant(" for "), *shown(value.tensor)]
                require(py.Compare(each, [py.GtE()], [tree.literal(low)]), shown_here, place.forward)


def _over_sizes(syntax: ast.Apply, step: Step, place: Place) -> Layer | None:
    """A step's op whose arguments are formulas; None where they are more than arithmetic."""
    op = step.node.op if step.node is not None else None
    assert isinstance(op, Layer)
    names, values = list(op.args), op.values()
    try:
        for position, argument in enumerate(syntax.arguments or []):
            name = argument.name.name if argument.name else names[position]
            if isinstance(values[name], tuple):
                dims = argument.value.dims if isinstance(argument.value, ast.Product) else [argument.value] * 2
                values[name] = tuple(_number(each, step.input, place) for each in dims)
            elif isinstance(values[name], int):
                values[name] = _number(argument.value, step.input, place)
        return type(op)(**values)
    except Decline:
        return None


def measures(expr: Expr, own: set[str]) -> bool:
    """Whether an expression of ``forward`` reads a shape, itself or by a variable."""
    return any(
        each.attr == "shape" if isinstance(each, py.Attribute) else isinstance(each, py.Name) and each.id in own
        for each in py.walk(expr)
    )


def _inside(expr: Expr, template: Expr) -> bool:
    wanted = [tree.text(each) for each in (expr.elts if isinstance(expr, py.Tuple) else [expr])]
    found = {tree.text(each) for each in py.walk(template) if isinstance(each, py.expr)}
    return all(each in found for each in wanted)


# --- checking


def checked(w: Writer, syntax: ast.Step, steps: Sequence[Step], value: Value, place: Place) -> Value:
    """What a step decided from heights and widths, checked against those at hand."""
    value = held(value, place)
    for expr in exprs(syntax, w.definition):
        for part in decisions(w, expr, place):
            _check(w, part, [step.input for step in steps], value, place)
    return value


def decisions(w: Writer, expr: ast.Expr, place: Place) -> Iterator[ast.Expr]:
    """The largest parts of an expression that are arithmetic of heights, widths and numbers alone."""
    if expr not in w.reading:
        return
    if _plain(w, expr, place):
        yield expr
        return
    for each in parts(expr):
        yield from decisions(w, each, place)


def _plain(w: Writer, expr: ast.Expr, place: Place) -> bool:
    match expr:
        case ast.Literal() | ast.InputDim():
            return True
        case ast.Name():
            return expr.name in place.sizes or _literal(place, expr.name) is not None
        case ast.Unary() | ast.Operation():
            logic = isinstance(expr, ast.Operation) and expr.rest[0][0] in ("and", "or", "/")
            return not logic and all(_plain(w, each, place) for each in parts(expr))
    return False


def _literal(place: Place, name: str) -> int | float | None:
    """The number that a name is, whatever the constructor is given."""
    value = getattr(place.names.get(name), "value", None)
    return value if isinstance(value, int | float) else None


def _check(w: Writer, expr: ast.Expr, flows: Sequence[Node], value: Value, place: Place) -> None:
    w.fix(depends(w, expr, place))
    at = at_hand(w, place, value)(expr)
    values = {_number(expr, flow, place) for flow in flows}
    if len(values) != 1:
        raise Decline(f"{expr.span.text} differs")
    [number] = values
    if isinstance(number, bool):
        test = at if number else opposite(at)
    else:
        test = py.Compare(at, [py.Eq()], [tree.literal(number)])
    word = "holds" if number is True else "does not hold" if number is False else f"is {number:g}"
    other = "holds" if number is False else "not"
    message = py.Constant(f"{stated(w)}: `{quoted(expr)}` {word} in this module, and {other} for ")
    require(test, [message, *shown(value.tensor)], place.forward)


OPPOSITE: dict[type[py.cmpop], type[py.cmpop]] = {
    py.Eq: py.NotEq, py.NotEq: py.Eq, py.Lt: py.GtE, py.GtE: py.Lt, py.Gt: py.LtE, py.LtE: py.Gt,
}  # fmt: skip


def opposite(test: Expr) -> Expr:
    """What holds where a test does not; without ``not``, which asks for a value where a module is traced."""
    match test:
        case py.UnaryOp(op=py.Not(), operand=inner):
            return inner
        case py.Compare(left=left, ops=[sign], comparators=[right]):
            return py.Compare(left, [OPPOSITE[type(sign)]()], [right])
    return py.UnaryOp(py.Not(), test)


def _number(expr: ast.Expr, flow: Node | None, place: Place) -> int | float | bool:
    """The value of an expression at one expansion, with its formula. Raises Decline where it is not known."""

    def value(expr: ast.Expr) -> Any:
        match expr:
            case ast.Literal():
                return expr.value
            case ast.InputDim() if flow is not None:
                axis = ("channels", *SIDES).index(expr.dim) if expr.dim != "features" else 0
                size = flow.shape[axis]
                return Size(size, symbol((flow.index, axis))) if axis else size
            case ast.Name() if expr.name in place.sizes and place.sizes[expr.name].number is not None:
                return place.sizes[expr.name].number
            case ast.Name() if expr.name not in place.sizes and _literal(place, expr.name) is not None:
                return _literal(place, expr.name)
            case ast.Unary():
                return not value(expr.operand) if expr.operator == "not" else -value(expr.operand)
            case ast.Operation():
                return reduce(
                    lambda left, right: OPERATIONS[right[0]](left, value(right[1])), expr.rest, value(expr.first)
                )
        raise Decline(f"{expr.span.text} is not known")

    found: int | float | bool = value(expr)
    return found


def require(test: Expr, message: list[Expr], forward: list[Stmt]) -> None:
    """A check in ``forward`` that tracing, scripting and exporting keep, as torchvision's vision transformer has it."""
    forward.append(tree.statement(tree.call("torch._assert", test, py.JoinedStr(message))))


def shown(tensor: Expr) -> list[Expr]:
    """``8 x 16``, of a tensor."""
    return by([side(tensor, 0), side(tensor, 1)])


def by(sizes: Sequence[Expr]) -> list[Expr]:
    rows, columns = sizes
    return [py.FormattedValue(rows, -1), py.Constant(" x "), py.FormattedValue(columns, -1)]


def stated(w: Writer) -> str:
    """A definition's name and signature."""
    signature = w.syntax.signature
    name = w.syntax.name.name
    if signature is None:
        return name
    sides = [" x ".join(map(quoted, dims)) for dims in (signature.input, signature.output)]
    return f"{name} : {' -> '.join(sides)}"


def quoted(syntax: ast.Expr | ast.Dim | ast.Step) -> str:
    """What the spec says, on one line."""
    return " ".join(syntax.span.text.split())[:SHOWN]


def repeats(w: Writer, syntax: ast.Step, steps: Sequence[Step], value: Value, place: Place) -> Value:
    """The arguments of an op that mean the same for some sizes only: ``pad=same`` with a stride."""
    for axis, word in enumerate(SIDES):
        periods = {period_of(step)[axis] for step in steps}
        if len(periods) != 1:
            raise Decline("another period each time")
        [period] = periods
        rests = {step.input.shape[axis + 1] % period for step in steps}
        if period == 1:
            continue
        if len(rests) != 1:
            raise Decline("another padding each time")
        value = held(value, place)
        rest = tree.operation("%", side(value.tensor, axis), tree.literal(period))
        test = py.Compare(rest, [py.Eq()], [tree.literal(rests.pop())])
        message = py.Constant(f"{stated(w)}: `{quoted(syntax)}` is padded for another {word} than that of ")
        require(test, [message, *shown(value.tensor)], place.forward)
    return value


def same_size(w: Writer, steps: Sequence[Step], lanes: list[Value], place: Place) -> list[Value]:
    """Lanes whose heights and widths are the same for this input, but perhaps not for others, in variables that are
    compared: PyTorch would repeat a lane of one row, or name no step."""
    for position in range(1, len(lanes)):
        if all(_agree_always(w, step, body, position) for step in steps for body in w.bodies):
            continue
        for each in (0, position):
            lanes[each] = (
                lanes[each]
                if isinstance(lanes[each].tensor, py.Name)
                else stored(lanes[each], w.locals.new("y"), place.forward)
            )
        first, other = lanes[0].tensor, lanes[position].tensor
        sizes = [tree.subscript(tree.attribute(each, "shape"), MAP) for each in (first, other)]
        message = [py.Constant(f"{stated(w)}: the lanes are "), *shown(first), py.Constant(" and "), *shown(other)]
        require(py.Compare(sizes[0], [py.Eq()], [sizes[1]]), message, place.forward)
    return lanes


def _agree_always(w: Writer, step: Step, body: Body, position: int) -> bool:
    node = step.node
    if node is None or len(node.shape) != 3:
        return True
    assert isinstance(node.op, Merge)
    known = formulas(w, body)
    one, two = (known.get(node.inputs[each].index) for each in (0, position))
    if one is None or two is None:
        return True  # in another expansion of the block
    return all(formula_of(a) == formula_of(b) for a, b in zip(one[1:], two[1:], strict=True)) or repeats_lanes(node.op)


def repeats_lanes(op: Merge) -> bool:
    """Whether a lane of one row and column is repeated by the op itself."""
    try:
        op.join(((2, 2, 2), (2, 1, 1)))
    except Mismatch:
        return False
    return True


# --- signatures


def check_input(w: Writer, value: Value, place: Place) -> Place:
    """Name the heights and widths of the signature, and check those that are stated as numbers."""
    signature = w.syntax.signature
    if signature is None or len(signature.input) != 3:
        return place
    for axis, dim in enumerate(signature.input[1:]):
        here = side(value.tensor, axis)
        if dim.name is not None and dim.name.name not in ("_", *place.sizes):
            expr = here
            if dim.name.name in w.reading.used:
                expr = tree.name(w.locals.new(SIDES[axis]))
                place.forward.append(tree.assign(expr, here))
            sizes = {body.input.shape[axis + 1] for body in w.bodies}
            size = Size(sizes.pop(), symbol(SIDES[axis])) if len(sizes) == 1 else None
            place = place.measuring(dim.name.name, Measured(expr, size))
            continue
        stated_size = size_of(w, dim, value, place)
        if stated_size is not None:
            wanted = " x ".join(map(quoted, signature.input))
            message = py.Constant(f"{w.syntax.name.name} takes {wanted}, not {SIDES[axis]} ")
            require(py.Compare(here, [py.Eq()], [stated_size]), [message, py.FormattedValue(here, -1)], place.forward)
    return place


def size_of(w: Writer, dim: ast.Dim, value: Value, place: Place) -> Expr | None:
    """A side of a signature in ``forward``; None where it may be any."""
    expr = dim.name if dim.name is not None else dim.value
    if expr is None or (isinstance(expr, ast.Name) and expr.name == "_"):
        return None
    return at_hand(w, place, value)(expr)


def check_result(w: Writer, value: Value, place: Place) -> Value:
    """Check the result's height and width, where they are not what the signature states whatever the input is."""
    signature, differing = w.syntax.signature, unproven(w)
    if signature is None or not differing:
        return value
    place = _at_first(w, place)
    stated_sizes = [size_of(w, dim, value, place) for dim in signature.output[1:]]
    value = held(value, place)
    given = [each.expr for each in place.sizes.values()][:2]
    both = len(differing) == 2 and [*map(tree.text, filter(None, stated_sizes))] == [*map(tree.text, given)]
    if both:
        size = tree.name(w.locals.new("size"))
        place.forward.insert(0, tree.assign(size, tree.subscript(tree.parse("x.shape"), MAP)))
        given = [tree.subscript(size, tree.literal(axis)) for axis in (0, 1)]
    became = [*by(given), py.Constant(" becomes ")] if len(given) == 2 else [py.Constant("the result is ")]
    message = [
        py.Constant(f"{stated(w)}: "),
        *became,
        *shown(value.tensor),
        py.Constant(f" in `{_last(w.syntax.body)}`"),
    ]
    if both:
        here = tree.subscript(tree.attribute(value.tensor, "shape"), MAP)
        require(py.Compare(here, [py.Eq()], [size]), message, place.forward)
        return value
    for axis in differing:
        stated_size = stated_sizes[axis]
        assert stated_size is not None
        require(py.Compare(side(value.tensor, axis), [py.Eq()], [stated_size]), message, place.forward)
    return value


def _at_first(w: Writer, place: Place) -> Place:
    """The place where the signature's heights and widths are in variables, from before the flow changed."""
    for name, each in place.sizes.items():
        if not isinstance(each.expr, py.Name):
            variable = tree.name(w.locals.new(SIDES[int(tree.text(each.expr)[-2]) - 2]))
            place.forward.insert(0, tree.assign(variable, each.expr))
            place = place.measuring(name, Measured(variable, each.number))
    return place


def _last(body: ast.Body) -> str:
    """The last step of a body, without what it holds."""
    step = list(own_steps(body))[-1]
    return quoted(step).partition("{")[0].strip() or _last(bodies_in(step)[0])


def unproven(w: Writer) -> list[int]:
    """The axes of the result that have the stated size for this input, but perhaps not for others."""
    signature = w.syntax.signature
    if signature is None or len(signature.output) != 3 or len(signature.input) != 3:
        return []
    found = []
    for axis, dim in enumerate(signature.output[1:]):
        expr = dim.value if dim.value is not None else dim.name
        assert expr is not None
        if isinstance(expr, ast.Name) and expr.name == "_":
            continue
        if any(_result(w, body, axis) != _stated(signature, expr, scope, body)
               for scope, body in zip(w.scopes, w.bodies, strict=True)):  # fmt: skip
            found.append(axis)
    return found


def _stated(signature: ast.Signature, expr: ast.Expr, scope: Scope, body: Body) -> Formula | None:
    """The formula of a stated size over the input's height and width; None where it is no plain arithmetic."""
    known = {name: value for name, value in scope.values.items() if type(value) is int}
    for axis, dim in reversed([*enumerate(signature.input[1:])]):
        if dim.name is not None:
            known[dim.name.name] = Size(body.input.shape[axis + 1], symbol(SIDES[axis]))

    def value(expr: ast.Expr) -> int | None:
        match expr:
            case ast.Literal(value=int(number)):
                return number
            case ast.Name():
                return known.get(expr.name)
            case ast.Operation():
                operands = [value(each) for each in parts(expr)]
                whole = [each for each in operands if each is not None]
                if len(whole) == len(operands) and all(sign in ("+", "-", "*", "//") for sign, _ in expr.rest):
                    signs = [ARITHMETIC[sign] for sign, _ in expr.rest]
                    found: int = reduce(
                        lambda left, right: right[0](left, right[1]), zip(signs, whole[1:], strict=True), whole[0]
                    )
                    return found
        return None

    found = value(expr)
    return None if found is None else formula_of(found)


def _result(w: Writer, body: Body, axis: int) -> Formula:
    """The formula of the result's height or width over those of the input."""
    assert body.output is not None
    return formula_of(formulas(w, body)[body.output.index][axis + 1])


def formulas(w: Writer, body: Body) -> Mapping[int, Shape]:
    """The shapes of a body's nodes over the height and width of its input, by their index."""
    known = w.formulas.get(id(body))
    if known is None or known[0] != len(w.measured):
        known = w.formulas[id(body)] = len(w.measured), _formulas(w, body)
    return known[1]


def _formulas(w: Writer, body: Body) -> dict[int, Shape]:
    """An op whose arguments are computed, and not known as formulas, has sizes of its own, and so has one behind so
    many changes of size that their formula is too deep."""
    assert body.output is not None
    found = {body.input.index: _own(body.input, SIDES)}
    dims = w.syntax.signature.input if w.syntax.signature is not None else []
    if len(dims) == len(body.input.shape):  # what is stated as a number has been checked
        x, symbols = body.input.shape, found[body.input.index]
        found[body.input.index] = tuple(x[i] if dim.name is None else symbols[i] for i, dim in enumerate(dims))
    depths = {body.input.index: 0}
    for node in w.program.graph.nodes[body.input.index + 1 : body.output.index + 1]:
        op = w.measured.get(node.index, node.op)
        lanes = tuple(found[each.index] for each in node.inputs if each.index in found)
        if len(lanes) < len(node.inputs):
            continue
        depth = max(depths[each.index] for each in node.inputs)
        if op is None or depth > DEEP:
            found[node.index], depth = _own(node, [(node.index, 1), (node.index, 2)]), 0
        elif isinstance(op, Merge):
            found[node.index] = op.join(lanes)
        else:
            assert isinstance(op, Layer)
            found[node.index] = op.infer(lanes[0])
        before = {formula_of(size) for lane in lanes for size in lane[1:]}
        changed = any(formula_of(size) not in before for size in found[node.index][1:])
        depths[node.index] = depth + changed
    return found


def _own(node: Node, names: Sequence[Any]) -> Shape:
    return (node.shape[0], *(Size(n, symbol(name)) for n, name in zip(node.shape[1:], names, strict=False)))
