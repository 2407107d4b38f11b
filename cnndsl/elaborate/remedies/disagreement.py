"""Lanes that disagree: which rounding or window made the difference, and how the lanes are brought together."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from cnndsl.diagnostics.model import Diagnostic, Label, SpecError
from cnndsl.elaborate.remedies.arithmetic import sizes
from cnndsl.elaborate.remedies.changes import Wanted
from cnndsl.elaborate.remedies.gates import channels_before, gate_as_map
from cnndsl.elaborate.remedies.lanes import Lanes, Option, enlarges
from cnndsl.elaborate.remedies.padding import padded
from cnndsl.elaborate.remedies.parameters import parameter_trials
from cnndsl.elaborate.remedies.projection import projected, terms
from cnndsl.elaborate.remedies.rewriting import rewritten
from cnndsl.elaborate.remedies.sizes import added_behind, behind, other_inputs
from cnndsl.elaborate.remedies.sources import sources
from cnndsl.elaborate.remedies.trials import Trial, likely, trials
from cnndsl.ir.dims import Shape, product
from cnndsl.ir.dims import show as show_shape
from cnndsl.ops.checks import SIDES
from cnndsl.syntax import ast

MOST = 3
"""Options that are told."""


def disagreement(lanes: Lanes) -> tuple[Shape, SpecError]:
    """E0402, at each lane that disagrees with the others, and the shape that comes out where the helps are followed;
    the empty shape where one states no repair, or several that give different ones."""
    found: list[Diagnostic] = []
    changed: dict[int, Shape] = {}
    certain = True
    for index in lanes.wrong:
        options = list(_options(lanes, index))[:MOST]
        found.append(_told(lanes, index, options))
        kinds = {(option.lane, option.shape) for option in options}
        certain = certain and len(kinds) == 1
        changed.update(kinds)
    return lanes.joined(changed) if certain else (), SpecError(found)


def _told(lanes: Lanes, index: int, options: list[Option]) -> Diagnostic:
    first, other = lanes.nodes[lanes.reference], lanes.nodes[index]
    syntax = lanes.step.syntax
    head = syntax.name.span if isinstance(syntax, ast.Merge) else syntax.span
    notes = _channels(lanes, first.shape, other.shape)
    if not notes:
        own = lanes.own(lanes.reference, index), lanes.own(index, lanes.reference)
        notes = [note for nodes in own for note in sizes(reversed(nodes))]
    return Diagnostic(
        "E0402", f"the lanes of `{lanes.op.name}` have different shapes", lanes.places[index],
        text=show_shape(other.shape) + (" (the input itself)" if other is lanes.step.input else ""),
        labels=(Label(lanes.places[lanes.reference], show_shape(first.shape)), Label(head, lanes.rule)),
        notes=tuple(notes[:3]) or _sides(first.shape, other.shape),
        help="; or ".join(option.text for option in options) or None,
        fix=options[0].edits if len(options) == 1 else (),
    )  # fmt: skip


def _channels(lanes: Lanes, first: Shape, other: Shape) -> list[str]:
    """What is unequal where it is the channels alone."""
    alone = len(first) == len(other) == 3 and lanes.fit(first, (first[0], *other[1:]))
    return [f"channels: {first[0]} and {other[0]}"] if alone else []


def _sides(first: Shape, other: Shape) -> tuple[str, ...]:
    if len(first) != 3 or len(other) != 3:
        return ()
    return tuple(f"{SIDES[i - 1]}: {first[i]} and {other[i]}" for i in (1, 2) if first[i] != other[i])


def _options(lanes: Lanes, index: int) -> Iterator[Option]:
    """What would bring a lane and the reference together, the likeliest first."""
    pairs = [(index, lanes.reference)]
    if len({place.start for place in lanes.places}) == 2:
        pairs.append((lanes.reference, index))
    one, two = lanes.nodes[index], lanes.nodes[lanes.reference]
    if len(one.shape) != len(two.shape):
        yield from _as_map(lanes, index)
        return
    if len(one.shape) != 3:
        yield from (option for _, option in _tried(lanes, pairs))
        return
    if (both := _both_padded(lanes, pairs)) is not None:
        yield both
        return
    for find in (_padded, channels_before):
        sole = next((option for pair in pairs if (option := find(lanes, *pair)) is not None), None)
        if sole is not None:
            yield sole
            return
    source, target = pairs[-1] if two is lanes.step.input and one is not lanes.step.input else pairs[0]
    projection = projected(lanes, source, target)
    tried = _tried(lanes, pairs) if lanes.made else []
    inside = [option for _, option in tried if lanes.changes_lane(option)]
    yield from [projection] if projection is not None else []
    yield from inside
    yield from (option for stated, option in tried if option not in inside and not stated)
    other_sources = sources(lanes, pairs) if lanes.made else []
    grown = any(enlarges(node) for pair in pairs for node in lanes.own(*pair))
    yield from other_sources if grown else []
    gate = lanes.fit(two.shape, (two.shape[0], *one.shape[1:]))  # its channels are wrong, not its size
    flowing = min((one, two), key=lambda node: node.shape[1]) is lanes.step.input  # it may lack its upsampling
    if projection is None and (flowing or not inside) and not gate and not (grown and other_sources):
        yield from added_behind(lanes, pairs)
    yield from other_sources if not grown else []
    yield from (option for stated, option in tried if option not in inside and stated)
    if not tried and lanes.made:
        yield from other_inputs(lanes, pairs[0])


def _both_padded(lanes: Lanes, pairs: list[tuple[int, int]]) -> Option | None:
    """The padding that both lanes lack, where neither keeps the size of what flows in."""
    size = lanes.step.input.shape[1:]
    if any(lanes.nodes[index].shape[1:] == size for index, _ in pairs):
        return None
    found = [
        padded(lanes.nodes[index], lanes.own(index, other), lambda shape: shape[1:] == size, lanes.places[index])
        for index, other in pairs
    ]
    one, two = found[0], found[-1]
    if len(found) < 2 or one is None or two is None or not lanes.fit(two.shape, one.shape):
        return None
    text = f"{two.text} and {one.text.removeprefix('keep the size: ')}"
    return Option(text, pairs[0][0], (), (*one.edits, *two.edits) if one.edits and two.edits else ())


def _padded(lanes: Lanes, index: int, other: int) -> Option | None:
    """The padding that a lane lacks."""
    target = lanes.nodes[other].shape
    found = padded(lanes.nodes[index], lanes.own(index, other), partial(lanes.fit, target), lanes.places[index])
    return Option(found.text, index, found.shape, found.edits) if found is not None else None


def _tried(lanes: Lanes, pairs: list[tuple[int, int]]) -> list[tuple[bool, Option]]:
    """The arguments that make one lane fit the other, and whether each is stated otherwise."""
    found: list[Trial] = []
    lane: dict[int, int] = {}
    for index, other in pairs:
        end, target, own = lanes.nodes[index], lanes.nodes[other].shape, lanes.own(index, other)
        goal = Wanted(lanes.wanted(index, other), end.shape, _terms(lanes, index, other))
        fits = partial(lanes.fit, target)
        more = trials(end, own, fits, goal, partial(lanes.tried, index))
        more += parameter_trials(end, own, fits, goal, partial(lanes.called, index))
        lane.update((id(trial), index) for trial in more)
        found += more
    return [(t.stated, Option(str(t), lane[id(t)], t.shape, t.edits)) for t in likely(found)]


def _terms(lanes: Lanes, index: int, other: int) -> dict[str, tuple[int, str]]:
    """The channels and the stride in the terms of the lane that has them."""
    (channels, *_), stride = lanes.nodes[other].shape, 0
    if len(lanes.nodes[index].shape) == len(lanes.nodes[other].shape) == 3 and lanes.nodes[other].shape[1]:
        stride = lanes.nodes[index].shape[1] // lanes.nodes[other].shape[1]
    out, by = terms(lanes, other, channels, stride)
    return {name: (value, text) for name, value, text in (("out", channels, out), ("stride", stride, by))
            if not text.isdigit()}  # fmt: skip


def _as_map(lanes: Lanes, index: int) -> Iterator[Option]:
    """A map beside flat features: flattened too, or, for a gate, the features as a map."""
    flat, other = (index, lanes.reference) if len(lanes.nodes[index].shape) == 1 else (lanes.reference, index)
    if lanes.op.gates:
        edits = gate_as_map(lanes, flat)
        lane = f": `{rewritten(lanes.places[flat], edits).removeprefix('|').strip()}`" if edits else ""
        text = f"`adaptive_avgpool(1)` and `conv(…, 1x1)` in place of `global_avgpool` and `linear` keep a map{lane}"
        yield Option(text, flat, (*lanes.nodes[flat].shape, 1, 1), edits)
        return
    shape = (product(lanes.nodes[other].shape),)
    if lanes.fit(lanes.nodes[flat].shape, shape):
        yield behind(lanes, other, "flatten", shape)
