"""Questions about a definition's text and expansions, before anything of its class is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TypeAlias

from cnndsl.ir.expansion import Body, Scope, Step
from cnndsl.ir.graph import Node
from cnndsl.syntax import ast

LOOPS = (ast.Repeat, ast.For, ast.Dense)
Turns = tuple[tuple[int, object], ...]
"""The turns around something, outermost first: the identity of each loop's text, and which turn of which run it is."""


def inner(step: Step) -> Iterator[tuple[Body, Turns]]:
    """The bodies below a step that belong to the same block, with the turns that they are."""
    if step.opened is not None and step.opened.definition is not None:
        return
    if isinstance(step.syntax, ast.Merge):
        loops = lane_loops(step.syntax.lanes)
        for body, (lane, positions, _) in zip(step.bodies, step.lanes, strict=True):
            runs = zip(loops[id(lane)], positions, strict=True)
            yield body, tuple((id(loop), (id(step), positions[: i + 1])) for i, (loop, _) in enumerate(runs))
        return
    for body in step.bodies:
        yield body, ((id(step.syntax), id(body)),) if isinstance(step.syntax, LOOPS) else ()


def lane_loops(lanes: Sequence[ast.Lane | ast.LaneLoop]) -> dict[int, tuple[ast.LaneLoop, ...]]:
    """The loops around each lane of a merge, by the lane's identity."""
    found: dict[int, tuple[ast.LaneLoop, ...]] = {}
    for lane in lanes:
        if isinstance(lane, ast.Lane):
            found[id(lane)] = ()
        else:
            found |= {each: (lane, *around) for each, around in lane_loops(lane.lanes).items()}
    return found


def steps_of(body: Body, around: Turns = ()) -> Iterator[tuple[Step, Turns]]:
    """Every step below a body that belongs to the same block, outer ones first, with the turns around it."""
    for step in body.steps:
        yield step, around
        for each, turns in inner(step):
            yield from steps_of(each, around + turns)


def calls_of(body: Body) -> Iterator[tuple[Scope, Body]]:
    """Every block call below a body, at any depth, outer ones first."""
    stack = [iter(body.steps)]
    while stack:
        step = next(stack[-1], None)
        if step is None:
            stack.pop()
            continue
        if step.opened is not None and step.opened.definition is not None:
            yield step.opened, step.bodies[0]
        stack += [iter(each.steps) for each in reversed(step.bodies)]


Made = tuple[int, int]
"""A result in its expansion, by identities: the block that a step calls may have the same one."""


def made(step: Step) -> Made:
    """What a step gives."""
    return id(step.output), id(next(step.scope.calls))


def reads(bodies: Sequence[Body]) -> tuple[set[Made], set[Made]]:
    """What `from` names; and of that, what is read in another turn of a loop than it is made in, or behind it."""
    targets: set[Made] = set()
    across: set[Made] = set()
    for body in bodies:
        first: dict[Made, Turns] = {}
        every = list(steps_of(body))
        for step, turns in every:
            if not isinstance(step.syntax, ast.From | ast.Output):
                first.setdefault(made(step), turns)
        for step, turns in every:
            if isinstance(step.syntax, ast.From):
                targets.add(made(step))
                indexed = any(not isinstance(part, str) for part in step.syntax.target.parts)
                of = first.get(made(step), ())
                if of != turns[: len(of)] or (indexed and turns):
                    across.add(made(step))
    return targets, across


def resizing(bodies: Sequence[Body]) -> set[int]:
    """The loops, by identity, of which some turn changes the height or width that flow through it."""
    return {
        id(step.syntax)
        for body in bodies
        for step, _ in steps_of(body)
        if isinstance(step.syntax, LOOPS)
        for turn in step.bodies
        if turn.output is not None and turn.output.shape[1:] != turn.input.shape[1:]
    }


def bodies_in(step: ast.Step) -> list[ast.Body]:
    """The bodies that a step holds, lanes among them."""
    match step:
        case ast.Group() | ast.For() | ast.Dense() | ast.Output():
            return [step.body]
        case ast.If():
            return [step.then, *([step.otherwise] if step.otherwise else [])]
        case ast.Merge():
            return [lane.body for lane in lanes_in(step.lanes)]
        case ast.Repeat():
            return [body_of(step.step)]
    return []


def lanes_in(lanes: Sequence[ast.Lane | ast.LaneLoop]) -> Iterator[ast.Lane]:
    for lane in lanes:
        if isinstance(lane, ast.Lane):
            yield lane
        else:
            yield from lanes_in(lane.lanes)


def body_of(step: ast.Step) -> ast.Body:
    """A single step as a body."""
    return ast.Body([ast.Chain([step], step.span)], step.span)


def own_steps(body: ast.Body) -> Iterator[ast.Step]:
    """The steps of a body itself."""
    for statement in body.statements:
        if isinstance(statement, ast.Chain):
            yield from statement.steps


def scope_steps(body: ast.Body) -> Iterator[ast.Step]:
    """The steps that are named in a body's scope: into loops and lanes, not into what a label opens."""
    for step in own_steps(body):
        yield step
        if step.label is None:
            for each in bodies_in(step):
                yield from scope_steps(each)


Before: TypeAlias = frozenset[ast.Step | None]
"""The steps of which one gives what flows into another; None stands for what is not known by the text."""
UNKNOWN: Before = frozenset([None])


def steps_before(body: ast.Body, before: Before = UNKNOWN) -> tuple[dict[int, Before], Before]:
    """For each step of a text, by its identity, those that may give what flows into it; and those behind the body."""
    found = {}
    for step in own_steps(body):
        found[id(step)] = before
        inner = [steps_before(each, before if isinstance(step, ast.Group | ast.If) else UNKNOWN)
                 for each in bodies_in(step)]  # fmt: skip
        for each, _ in inner:
            found |= each
        match step:
            case ast.Apply() | ast.Merge():
                before = frozenset([step])
            case ast.Group() | ast.If():
                untaken = before if isinstance(step, ast.If) and step.otherwise is None else frozenset()
                before = untaken.union(*(behind for _, behind in inner))
            case ast.Output():
                pass
            case _:
                before = UNKNOWN
    return found, before


def position_of(bodies: Sequence[ast.Body], step: ast.Step) -> int | None:
    """Where a step without a label stands in its scope, these bodies' or one inside them that has no loops."""
    named = [each for body in bodies for each in scope_steps(body) if each.label or isinstance(each, ast.Apply)]
    for position, each in enumerate(named):
        if each is step:
            return position
        if each.label is not None and (found := position_of(bodies_in(each), step)) is not None:
            return found
    return None


def all_steps(body: ast.Body) -> Iterator[ast.Step]:
    """Every step of a definition's text."""
    for step in own_steps(body):
        yield step
        for each in bodies_in(step):
            yield from all_steps(each)


def nodes_of(body: Body) -> Iterator[Node]:
    """The nodes made below a body, in order, those of called blocks among them."""
    for step in body.steps:
        for each in step.bodies:
            yield from nodes_of(each)
        if step.node is not None:
            yield step.node


def branched(body: ast.Body, counts: Mapping[str, int]) -> set[str]:
    """The labels that stand in both branches of one `if` and nowhere else; ``counts`` is how often each stands."""
    found: set[str] = set()
    for step in all_steps(body):
        if isinstance(step, ast.If) and step.otherwise is not None:
            then, other = ({str(s.label) for s in scope_steps(each) if s.label} for each in (step.then, step.otherwise))
            found |= {label for label in then & other if counts[label] == 2}
    return found


def loops_in(body: ast.Body) -> Iterator[ast.Step | ast.LaneLoop]:
    """Every loop of a definition's text, those of lanes too."""
    for step in all_steps(body):
        if isinstance(step, LOOPS):
            yield step
        elif isinstance(step, ast.Merge):
            yield from loops_of_lanes(step.lanes)


def loops_of_lanes(lanes: Sequence[ast.Lane | ast.LaneLoop]) -> Iterator[ast.LaneLoop]:
    """The loops that make lanes of a merge, those in others too."""
    stack = [lane for lane in lanes if isinstance(lane, ast.LaneLoop)]
    while stack:
        yield stack[-1]
        stack += [lane for lane in stack.pop().lanes if isinstance(lane, ast.LaneLoop)]
