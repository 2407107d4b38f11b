"""Branches and loops that are no part of a plain sequence: in ``__init__`` and in ``forward``."""

from __future__ import annotations

import ast as py
import re
from typing import TYPE_CHECKING

from cnndsl.ir.expansion import Step
from cnndsl.syntax import ast
from cnndsl_torch.flow import Code, Container, Flow, loop_variables, settled, stored, with_unread
from cnndsl_torch.merges import total
from cnndsl_torch.python import Decline, Fix, names_in, operand
from cnndsl_torch.structure import all_steps, body_of, scope_steps, syntax_steps

if TYPE_CHECKING:
    from cnndsl_torch.flows import Flows


def if_(emit: Flows, syntax: ast.If, steps: list[Step], flow: Flow, init: Code, forward: Code,
        container: Container, variable: str) -> Flow:  # fmt: skip
    """A branch: taken at construction, so that ``forward`` only asks which."""
    if emit.unrolled:
        chosen = {0: syntax.then, 1: syntax.otherwise, -1: None}[steps[0].branch]
        if chosen is None:
            return flow
        return emit.body(chosen, [s.bodies[0] for s in steps], flow, init, forward, container, variable)
    if emit.turns:
        raise Decline("a branch inside a loop of forward")
    condition = emit.translate(syntax.condition)
    decided = emit.decided(condition, steps)
    if decided is not None:
        chosen = {0: syntax.then, 1: syntax.otherwise, -1: None}[decided]
        zipped = [s.bodies[0] for s in steps if s.bodies]
        return emit.body(chosen, zipped, flow, init, forward, container, variable) if chosen else flow
    if any(isinstance(s, ast.Output) for s in all_steps(body_of(syntax))):
        # What a network gives back is no question for `forward`: the class is that of one choice.
        parameters = emit.parameters_in(syntax.condition)
        raise Fix(parameters) if parameters else Decline("an output in a branch")
    flow = settled(flow, forward, variable)
    results: list[tuple[Code, Code, Flow]] = []
    shared, attributes = emit.shared, emit.attributes
    for branch, chosen in enumerate((syntax.then, syntax.otherwise)):
        own_init, own_forward, result = Code(), Code(), flow
        emit.shared, emit.attributes = dict(shared), dict(attributes)
        if chosen is not None:
            taken = [s.bodies[0] for s in steps if s.branch == branch]
            with emit.unreached(syntax, steps, taken):
                result = emit.body(chosen, taken, flow, own_init, own_forward, container, variable)
        results.append((own_init, own_forward, result))
    emit.shared, emit.attributes = shared, attributes
    (then_init, then_forward, then), (else_init, else_forward, other) = results
    optional = re.fullmatch(r"(self\.\w+|self\S*\[\"\w+\"\])\((\w+)\)", then.text)
    only_child = (
        optional is not None and optional[2] == flow.text and not then_forward.lines and syntax.otherwise is None
    )
    if only_child and optional is not None:
        if len(then_init.lines) == 1 and then.channels == other.channels:
            init(f"{then_init.lines[0]} if {operand(condition)} else nn.Identity()")
            return Flow(then.text, then.channels, 1)
        else_init(f"{optional[1]} = nn.Identity()")
    channels = then.channels
    if then.channels != other.channels:
        channels = emit.locals.new("channels")
        emit.carriers.add(channels)
        then_init(f"{channels} = {then.channels}")
        else_init(f"{channels} = {other.channels}")
    if then_init.lines or else_init.lines:
        init.block(f"if {condition}:", then_init)
        if else_init.lines:
            init.block("else:", else_init)
    if only_child:
        return Flow(then.text, channels, 1)
    flag = emit.attribute_names.new(f"with_{hint(syntax.then)}")
    init(f"self.{flag} = {condition}")
    if then.text != variable:
        then_forward(f"{variable} = {then.text}")
    if other.text != variable:
        else_forward(f"{variable} = {other.text}")
    forward.block(f"if self.{flag}:", then_forward)
    if else_forward.lines:
        forward.block("else:", else_forward)
    return Flow(variable, channels)


def hint(body: ast.Body) -> str:
    """A word for what a branch holds."""
    for step in scope_steps(body):
        if step.label is not None:
            return re.sub(r"\W", "_", str(step.label)).strip("_")
    for step in syntax_steps(body):
        if isinstance(step, ast.Apply | ast.Merge):
            return step.name.name.lower()
    return "branch"


def attribute(emit: Flows, word: str, text: str, init: Code) -> str:
    """A constructor's value that ``forward`` needs as well: itself if literal, else kept as an attribute."""
    if text not in emit.attributes:
        names = names_in(text)
        if not names - {"list", "range"}.union(*map(loop_variables, emit.turns)):
            return text
        if emit.turns and not names <= emit.top_names | {"in_channels", "in_features", "list", "range", "len"}:
            raise Decline("a value of each turn that forward needs")
        name = emit.attribute_names.new(text if text.isidentifier() else word)
        init(f"self.{name} = {text}")
        emit.attributes[text] = f"self.{name}"
    return emit.attributes[text]


def range_bounds(items: str) -> list[str]:
    """The arguments of ``list(range(…))``, none of anything else."""
    tree = py.parse(items, mode="eval").body
    match tree:
        case py.Call(func=py.Name("list"), args=[py.Call(func=py.Name("range"), args=bounds)]):
            return [py.unparse(bound) for bound in bounds]
    return []


def loop_headers(emit: Flows, loop: ast.For | ast.LaneLoop, init: Code) -> tuple[str, str]:
    """The loop over a list, in ``__init__`` and in ``forward``."""
    from cnndsl_torch.text import plain_range

    items = emit.translate(loop.items)
    bounds = range_bounds(items)
    if bounds:
        known = f"range({', '.join(attribute(emit, 'count', bound, init) for bound in bounds)})"
    else:
        known = attribute(emit, "items", items, init)
    variable = emit.loop_variable(loop.variable)
    if loop.index is None:
        return f"for {variable} in {plain_range(items)}:", f"for {variable} in {plain_range(known)}:"
    index = emit.loop_variable(loop.index)
    return f"for {index}, {variable} in enumerate({items}):", f"for {index}, {variable} in enumerate({known}):"


def turns(emit: Flows, syntax: ast.Repeat | ast.For | ast.Dense, steps: list[Step], flow: Flow, init: Code,
          forward: Code, container: Container, variable: str) -> Flow:  # fmt: skip
    """A loop: its modules are made in one of ``__init__``, and applied in one of ``forward``."""
    body = body_of(syntax.step) if isinstance(syntax, ast.Repeat) else syntax.body
    if emit.unrolled:
        grows = isinstance(syntax, ast.Dense)
        own = emit.locals.new("y") if grows else variable
        for position, turn in enumerate(steps[0].bodies):
            start = settled(flow, forward, variable) if grows else flow
            flow = emit.body(body, [turn], start, init, forward, container, own)
            flow = grown(emit, start, flow, {steps[0].joins[position].shape[0]}) if grows else flow
        return flow
    flow = stored(flow, variable, forward)
    if isinstance(syntax, ast.For):
        init_header, forward_header = loop_headers(emit, syntax, init)
    else:
        count = emit.translate(syntax.count)
        index = "_"
        if isinstance(syntax, ast.Dense) and syntax.index is not None:
            index = emit.loop_variable(syntax.index)
        init_header = f"for {index} in range({count}):"
        forward_header = f"for {index} in range({attribute(emit, 'count', count, init)}):"
    bodies = [t for s in steps for t in s.bodies]
    inner_forward = Code()

    def write(inner: Code, channels: str) -> str:
        inner_forward.lines.clear()
        emit.turns.append(forward_header)
        own = emit.locals.new("y") if isinstance(syntax, ast.Dense) else variable
        before = Flow(variable, channels)
        result = emit.body(body, bodies, before, inner, inner_forward, container, own)
        if own != variable:
            emit.locals.free(own)
        emit.turns.pop()
        if isinstance(syntax, ast.Dense):
            result = grown(emit, before, result, set())
        stored(result, variable, inner_forward)
        return result.channels

    channels = emit.loop(init_header, write, flow.channels, init)
    emit.locals.release(init_header)
    forward.block(with_unread(forward_header, inner_forward), inner_forward)
    return Flow(variable, channels)


def grown(emit: Flows, before: Flow, result: Flow, sizes: set[int]) -> Flow:
    """x becomes concat(x, body(x)), of that many channels."""
    channels = total(emit, [before.channels, result.channels], sizes)
    return Flow(f"torch.cat([{before.text}, {result.text}], 1)", channels, 1)
