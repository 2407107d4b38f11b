"""The state of one class while it is written: its expansions, its variables, and what its parameters decide."""

from __future__ import annotations

import ast as py
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from cnndsl.elaborate.values import Definition, Partial
from cnndsl.ir.dims import Shape
from cnndsl.ir.expansion import Body, Scope, Step
from cnndsl.ops import Layer
from cnndsl.syntax import ast
from cnndsl.syntax.traversal import within
from cnndsl_torch import tree
from cnndsl_torch.names import RESERVED, TAKEN, identifier, is_name
from cnndsl_torch.tree import Expr, Stmt
from cnndsl_torch.write.expansions import (
    LOOPS,
    Made,
    all_steps,
    branched,
    loops_in,
    position_of,
    reads,
    resizing,
    scope_steps,
    steps_before,
    steps_of,
)
from cnndsl_torch.write.parameters import held_steps
from cnndsl_torch.write.place import IN_CHANNELS, NOTHING, Decline, Depends, Fix, Names, Place, Value
from cnndsl_torch.write.reading import bound_in, reads_of
from cnndsl_torch.write.translate import Translator, value_of

if TYPE_CHECKING:
    from cnndsl_torch.write.program import Program


@dataclass(slots=True)
class Emitted:
    """A class, and what its users need to know of it."""

    name: str
    parameters: list[tuple[str, Expr | None]]
    """Constructor parameters after the input's channels, as Python names, with their defaults."""
    channels: Expr | None
    """The output's channels in terms of the parameters; None: ask the instance's ``out_channels``."""
    sized: Depends = NOTHING
    """Parameters of the spec that its output's height and width depend on."""
    fixed: Depends = NOTHING
    """Parameters of the spec that are constants of the class."""
    takes_input: bool = True
    """Whether the first parameter is the number of input channels, or they are constant too."""
    computed: dict[str, Expr] = field(default_factory=dict)
    """Parameters whose default is None to Python, and what the constructor makes of it."""
    lines: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Output:
    """An output beside the main one: its field, and the variable of ``forward`` that holds it."""

    field: str
    variable: str
    training_only: bool


@dataclass(slots=True)
class Results:
    """What `from` finds in other turns: a dict of ``forward``, and one of ``__init__`` for the channels."""

    variable: str
    channels: str
    container: Expr
    texts: set[str] = field(default_factory=set)
    """Of all results, the texts of their channels."""
    sized: Depends = NOTHING
    relied: set[str] = field(default_factory=set)
    """What readers took for the channels of all of them."""

    def __copy__(self) -> Results:
        return replace(self, texts=set(self.texts), relied=set(self.relied))


WriteBody = Callable[["Writer", ast.Body, Sequence[Body], Value, Place], Value]


def unset(*_: Any) -> Value:
    raise AssertionError("who writes bodies is said by `write_class`")


LONG = 200
"""Characters of an expression that gets a variable."""
STATE = (
    "locals", "attributes", "results", "kept", "shared", "saved", "named", "variables", "outputs", "helpers", "origins",
    "turns", "top_names", "partials", "untyped", "measured",
)  # fmt: skip
"""What a writer learns while it writes."""


class TooDeep(Exception):
    """More loops stand inside one another than Python reads: they are all written out."""


class Varying(Exception):
    """Results that `from` finds have different channels, which had been taken for the same."""


class Writer:
    """A definition with expansions of it that one class is for.

    ``fixed`` are parameters that are constants of the class.
    """

    def __init__(self, program: Program, definition: Definition, name: str,
                 instances: Sequence[tuple[Scope, Body]], root: bool, fixed: Depends) -> None:  # fmt: skip
        self.program, self.definition, self.name, self.root, self.fixed = program, definition, name, root, fixed
        self.syntax = definition.syntax
        self.scopes = [scope for scope, _ in instances]
        self.bodies = [body for _, body in instances]
        self.targets, self.across = reads(self.bodies)
        self.written_out = {id(loop) for loop in loops_in(self.syntax.body) if id(self.syntax) in program.flattened}
        self.resizing = resizing(self.bodies)
        self.steps: dict[int, list[Step]] = {}
        """The expansions of each step of the text, by its identity."""
        for body in self.bodies:
            for step, _ in steps_of(body):
                self.steps.setdefault(id(step.syntax), []).append(step)
        self.before, _ = steps_before(self.syntax.body)
        self.named_steps = list(scope_steps(self.syntax.body))
        labels = {str(step.label) for step in self.named_steps if step.label}
        self.locals = Names({*TAKEN, *program.hidden} - {"layers", "channels"})
        self.attributes = Names(labels | set(RESERVED))
        self.kept: dict[str, Expr] = {}
        """Constructor's values that ``forward`` needs, by their text."""
        self.shared: dict[str, Expr] = {}
        """Modules without state, by the text that makes them."""
        self.saved: dict[Made, Value] = {}
        """What `from` finds."""
        self.variables: dict[str, str] = {}
        """Of those the variables, the same in each branch."""
        self.named: dict[str, Value] = {}
        """What `from` finds by a label that stands once in the text."""
        every = [str(step.label) for step in all_steps(self.syntax.body) if step.label is not None]
        self.branched = branched(self.syntax.body, Counter(every))
        """Labels that stand in both branches of one `if` and nowhere else."""
        self.unique = {str(step.target) for step in all_steps(self.syntax.body) if isinstance(step, ast.From)}
        self.unique &= {label for label, count in Counter(every).items() if count == 1}
        """Labels that are read, and stand once in the text: they can mean one thing alone."""
        self.results: Results | None = None
        self.outputs: list[Output] = []
        self.untyped: set[str] = set()
        """Parameters that hold a block whose instances are asked for their channels."""
        self.helpers: set[str] = set()
        self.top: list[Stmt] = []
        self.top_names: set[str] = set()
        self.turns: list[tuple[int, frozenset[str]]] = []
        """The loops being written around, outermost first: each with its variables."""
        self.origins: dict[str, Depends] = {}
        """The parameters that the variables of ``__init__``, and the channels of instances there, depend on."""
        self.passed: set[str] = set()
        """The parameters that hold different ops, whose modules they make."""
        self.held = held_steps(self)
        self.reading = reads_of(definition)
        self.bound = bound_in(definition.syntax)
        """The names of its parameters, and of what stands in its text."""
        self.formulas: dict[int, tuple[int, Mapping[int, Shape]]] = {}
        """The sizes in each expansion, as far as nodes were measured."""
        self.measured: dict[int, Layer | None] = {}
        """The nodes whose arguments ``forward`` computes, with ops over sizes, where these are known."""
        self.write_body: WriteBody = unset
        """Writes the statements of a body, for lanes, branches and loops that hold one."""
        self.partials: dict[str, Partial] = {}
        """The steps that names hold which are no values in Python."""
        self.computed: dict[str, Expr] = {}
        self.parameter_names = {"in_channels", "in_features"}
        """The constructor's parameters, as variables."""
        self.names: dict[str, Expr] = {}
        """What the definition's parameters and dimensions are in ``__init__``."""

    @property
    def channels(self) -> Expr:
        """The input's channels: a number for the network, and where the class is for one; else a parameter."""
        if self.root or IN_CHANNELS in self.fixed:
            return tree.literal(agreed((body.input.shape[0] for body in self.bodies), "the input's channels"))
        return tree.name(self.incoming)

    @property
    def incoming(self) -> str:
        """The constructor's parameter that is the input's channels."""
        ranks = {len(body.input.shape) for body in self.bodies} or {3}
        if len(ranks) > 1:
            raise Decline("a map here, features there")
        return "in_channels" if ranks == {3} else "in_features"

    # --- expressions

    def translator(self, place: Place, channels: Expr, shapes: Sequence[Any], sized: Depends = NOTHING) -> Translator:
        """Writes expressions where a value of these channels flows, which has these shapes in the expansions."""

        def dimension(dim: str) -> Expr:
            if dim in ("channels", "features"):
                return channels
            axis = ("height", "width").index(dim) + 1
            sizes = {shape[axis] if len(shape) > axis else None for shape in shapes}
            if len(sizes) != 1 or None in sizes:
                raise Decline(f"in.{dim} differs")
            self.fix(sized)
            return tree.literal(sizes.pop())

        return Translator(self.program, place.names, self.definition.called, dimension)

    def at(self, place: Place, value: Value, steps: Iterable[Step]) -> Translator:
        """Writes expressions at steps through which a value flows."""
        return self.translator(place, value.channels, [step.input.shape for step in steps], value.sized)

    def depends(self, expr: Expr) -> Depends:
        """The parameters that an expression's value depends on."""
        read = [*tree.names_in(expr), *map(tree.text, tree.attributes_in(expr, "out_channels"))]
        return frozenset().union(*(self.origins.get(each, NOTHING) for each in read))

    def asked(self, reference: Expr, module: Expr) -> Expr:
        """The channels that an instance says that it gives; they depend on what it is made with."""
        channels = tree.attribute(reference, "out_channels")
        text = tree.text(channels)
        self.origins[text] = self.origins.get(text, NOTHING) | self.depends(module)
        return channels

    def read_by(self, expr: ast.Expr, translate: Translator) -> Depends:
        """The parameters that an expression of the language reads, where Python can't say it."""
        found: Depends = NOTHING
        for each in within(expr):
            if isinstance(each, ast.Name | ast.InputDim):
                with suppress(Decline):
                    found |= self.depends(translate(each))
        return found

    def fix(self, parameters: Depends) -> None:
        """Raises Fix where parameters would have to be constants that are none yet."""
        if parameters - self.fixed:
            raise Fix(parameters)

    def variable(self, hint: str, value: Expr, init: list[Stmt]) -> Expr:
        """A new variable of ``__init__`` with this value."""
        name = self.locals.new(hint)
        init.append(tree.assign(tree.name(name), value))
        self.origins[name] = self.depends(value)
        if init is self.top:
            self.top_names.add(name)
        return tree.name(name)

    def short(self, channels: Expr, init: list[Stmt]) -> Expr:
        """Channels as an expression that Python reads; a long one in a variable."""
        return channels if len(tree.text(channels)) < LONG else self.variable("channels", channels, init)

    def attribute_of(self, value: Expr, word: str, init: list[Stmt]) -> Expr:
        """A constructor's value as ``forward`` can read it: itself if literal, else kept as an attribute."""
        text, names = tree.text(value), tree.names_in(value) & self.origins.keys()
        turning = frozenset().union(*(variables for _, variables in self.turns))
        if names <= turning:
            return value  # ``forward`` goes through the same loops
        if names & turning or (self.turns and names - self.parameter_names - self.top_names):
            raise Decline("a value of each turn")
        if text not in self.kept:
            name = self.attributes.new(text if is_name(text) else word)
            target = tree.attribute(tree.name("self"), name)
            init.append(tree.assign(target, value))
            self.kept[text] = target
        return self.kept[text]

    def let(self, statement: ast.Let, place: Place, translate: Translator, bodies: Sequence[Body]) -> Place:
        """A `let` as a variable; one that holds a step is no value in Python, and stays what it is."""
        name = statement.name.name
        held = [body.variables.get(name) for body in bodies]
        try:
            value = translate(statement.value)
        except Decline:
            self.fix(self.read_by(statement.value, translate))
            known = agreed(held, name)
            if isinstance(known, Partial):
                self.partials[name] = known
                return place
            with suppress(Decline):  # a list of ops is for what reads it
                place = place.knowing(name, value_of(self.program, known))
            return place
        return place.knowing(name, self.variable(identifier(name), value, place.init))

    @contextmanager
    def inside(self) -> Iterator[None]:
        """What names hold inside a step they do not hold behind it."""
        before = dict(self.partials)
        yield
        self.partials = before

    # --- names of children

    def key(self, syntax: ast.Step, steps: Sequence[Step], place: Place, translate: Translator,
            stateful: bool = True) -> Expr:  # fmt: skip
        """A child's name, a string or f-string; that of one without state may be another for other parameters.

        Raises:
            Decline: it differs between the expansions or turns.
            Fix: its position depends on parameters.
        """
        loops = self.turns[place.container.depth :]
        names = {name_of(step) for step in steps}
        if syntax.label is not None:
            key = self.label(syntax.label, translate)
            read = tree.names_in(key)
            turning = frozenset().union(*(variables for _, variables in self.turns))
            self.fix(frozenset().union(*(self.origins.get(name, NOTHING) for name in read - turning)))
            if all(variables & read for _, variables in loops):
                return key if read or len(names) != 1 else tree.literal(names.pop())
        elif not loops and len(names) == 1:
            self.fix(place.container.shifted if stateful else NOTHING)
            return tree.literal(names.pop())
        elif not (loops or self.bodies or any(isinstance(e, (*LOOPS, ast.If)) for e in all_steps(self.syntax.body))):
            return tree.literal(str(position_of([self.syntax.body], syntax)))  # of a block given, and never called
        raise Decline("a name for each turn")

    @staticmethod
    def label(label: ast.Label, translate: Translator) -> Expr:
        if all(isinstance(part, str) for part in label.parts):
            return tree.literal(str(label))
        return py.JoinedStr(
            [
                py.Constant(part) if isinstance(part, str) else py.FormattedValue(translate(part), -1)
                for part in label.parts
                if part != ""
            ]
        )

    def keyed(self, body: ast.Body, named: Callable[[ast.Step], bool]) -> bool:
        """Whether a scope's children need keys: unlabelled ones with state, or labels with an index."""
        for step in scope_steps(body):
            if step.label is None and named(step):
                return True
            if step.label is not None and not is_name(str(step.label)):
                return True
        return False

    # --- attempts

    def state(self) -> tuple[dict[str, Any], int]:
        """What is known so far, to return to where something is written again."""
        return {name: copy(getattr(self, name)) for name in STATE}, len(self.top)

    def restore(self, state: tuple[dict[str, Any], int]) -> None:
        for name, value in state[0].items():
            setattr(self, name, copy(value))
        del self.top[state[1] :]

    @contextmanager
    def attempt(self, place: Place) -> Iterator[None]:
        """What is written inside is undone where it is declined; the exception goes on."""
        state = self.state()
        container = place.container.used, place.container.shifted
        lengths = [(code, len(code)) for code in (place.init, place.forward)]
        try:
            yield
        except Decline:
            self.restore(state)
            place.container.used, place.container.shifted = container
            for code, length in lengths:
                del code[length:]
            raise


def name_of(step: Step) -> str:
    """The last part of a step's path."""
    if step.opened is not None:
        return step.opened.name
    if step.node is not None:
        return step.node.path.rpartition(".")[2]
    return ""


def agreed(values: Iterable[Any], what: str) -> Any:
    """The one value of all. Raises Decline where they differ."""
    found = {repr(value): value for value in values}
    if len(found) != 1:
        raise Decline(f"{what} differ")
    return next(iter(found.values()))
