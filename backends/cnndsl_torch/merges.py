"""Lanes and their joins in ``forward``."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from cnndsl.ir.expansion import Body, Step
from cnndsl.syntax import ast
from cnndsl_torch.flow import Code, Container, Flow, settled, with_unread
from cnndsl_torch.lowering import RULES, Joined, is_operation
from cnndsl_torch.python import MANY, Decline, fold, names_in

if TYPE_CHECKING:
    from cnndsl_torch.flows import Flows


def merge(emit: Flows, syntax: ast.Merge, steps: list[Step], flow: Flow, init: Code, forward: Code,
          container: Container, variable: str) -> Flow:  # fmt: skip
    """Every lane from the same variable, then the join."""
    flow = settled(flow, forward, variable)
    joined = join_rule(emit, syntax, steps, flow)
    looped = any(isinstance(lane, ast.LaneLoop) for lane in syntax.lanes)
    if looped and not emit.unrolled:
        return loop_lanes(emit, syntax, steps, flow, init, forward, container, joined)
    lanes: list[Flow] = []
    for bodies in zip(*(s.bodies for s in steps), strict=True):
        lane = bodies[0].lane
        assert lane is not None
        lanes.append(one_lane(emit, lane.body, list(bodies), flow, init, forward, container))
    channels = joined_channels(emit, joined, lanes, steps)
    return Flow(join_text(emit, joined, lanes, steps, init), channels, 1)


def one_lane(emit: Flows, body: ast.Body, bodies: list[Body], flow: Flow, init: Code, forward: Code,
             container: Container) -> Flow:  # fmt: skip
    if not body.statements:
        return flow
    variable, before = emit.locals.new("y"), len(forward.lines)
    result = emit.body(body, bodies, flow, init, forward, container, variable)
    # A single application reads well inside the join; more gets a line of its own.
    if result.weight > 1:
        result = settled(result, forward, variable)
    if not any(re.search(rf"\b{variable}\b", text) for text in (result.text, *forward.lines[before:])):
        emit.locals.free(variable)
    return result


def loop_lanes(emit: Flows, syntax: ast.Merge, steps: list[Step], flow: Flow, init: Code, forward: Code,
               container: Container, joined: Joined) -> Flow:  # fmt: skip
    """Lanes that a loop makes, gathered in a list."""
    from cnndsl_torch.control import loop_headers

    loop = syntax.lanes[0]
    if len(syntax.lanes) != 1 or not isinstance(loop, ast.LaneLoop) or len(loop.lanes) != 1:
        raise Decline("lanes of several kinds")
    lane = loop.lanes[0]
    if not isinstance(lane, ast.Lane):
        raise Decline("lanes in nested loops")
    bodies = [b for s in steps for b in s.bodies]
    init_header, forward_header = loop_headers(emit, loop, init)
    inner_init, inner_forward = Code(), Code()
    gathered = emit.locals.new("lanes")
    emit.turns.append(forward_header)
    result = one_lane(emit, lane.body, bodies, flow, inner_init, inner_forward, container)
    emit.turns.pop()
    emit.locals.release(init_header)
    inner_forward(f"{gathered}.append({result.text})")
    if inner_init.lines:
        init.block(with_unread(init_header, inner_init), inner_init)
    forward(f"{gathered} = []")
    forward.block(with_unread(forward_header, inner_forward), inner_forward)
    channels = result.channels
    if joined.call.startswith("torch.cat"):
        counted = re.fullmatch(r"for \w+ in range\((.+)\):", init_header)
        if counted is None or loop.variable.name in names_in(result.channels):
            channels = emit.agreed({s.output.shape[0] for s in steps})
        else:
            channels = fold(f"({counted[1]}) * ({result.channels})")
    text = joined.call.replace("[{lanes}]", gathered).replace("{lanes}", f"*{gathered}")
    if joined.module is not None:
        text = text.replace("{module}", emit.stateless(joined.module, steps, init))
    return Flow(text, channels, 1)


def join_rule(emit: Flows, syntax: ast.Merge, steps: list[Step], flow: Flow) -> Joined:
    call = emit.op_call(syntax, steps, flow.channels)
    joined = RULES[call.cls](call)
    assert isinstance(joined, Joined)
    emit.helpers.update(joined.helpers)
    return joined


def join_text(emit: Flows, joined: Joined, lanes: list[Flow], steps: list[Step], init: Code) -> str:
    if joined.infix and joined.module is None and len(lanes) <= MANY:
        texts = (f"({lane.text})" if is_operation(lane.text) else lane.text for lane in lanes)
        return f" {joined.infix} ".join(texts)
    text = joined.call.replace("{lanes}", ", ".join(lane.text for lane in lanes))
    if joined.module is not None:
        text = text.replace("{module}", emit.stateless(joined.module, steps, init))
    return text


def total(emit: Flows, texts: list[str], sizes: set[int]) -> str:
    """The sum of channels; a figure where it is too long and the figures stand in place.

    Raises:
        Decline: it is too long, and they don't.
    """
    try:
        return fold(" + ".join(f"({text})" for text in texts))
    except Decline:
        if not emit.unrolled:
            raise
        return emit.agreed(sizes)


def joined_channels(emit: Flows, joined: Joined, lanes: list[Flow], steps: list[Step]) -> str:
    if joined.call.startswith("torch.cat"):
        texts = [lane.channels for lane in lanes]
        if all(text.isdigit() for text in texts):
            return str(sum(map(int, texts)))
        return total(emit, texts, {s.output.shape[0] for s in steps})
    # All lanes agree; the one whose text needs no variable of its own says it best.
    known = [lane.channels for lane in lanes if not lane.channels.startswith("channels")]
    return min(known or [lanes[0].channels], key=len)
