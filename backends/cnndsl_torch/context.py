"""What all parts of a class's emission share: its expansions, variables, and the names of its children."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from cnndsl.elaborate.labels import INPUT
from cnndsl.elaborate.names import RESERVED
from cnndsl.elaborate.values import Definition, Partial
from cnndsl.ir.expansion import Body, Scope, Step
from cnndsl.ops import Merge, registry
from cnndsl.syntax import ast
from cnndsl_torch.flow import Code, Flow, Names
from cnndsl_torch.python import (
    TAKEN,
    Decline,
    Fix,
    Translator,
    identifier,
    makes_anew,
    names_in,
)
from cnndsl_torch.structure import (
    all_steps,
    has_state,
    names_of,
    scope_steps,
    stateful,
    steps_of,
)  # fmt: skip

if TYPE_CHECKING:
    from cnndsl_torch.program import Program


@dataclass(slots=True)
class Emitted:
    """A class, and what its users need to know of it."""

    name: str
    parameters: list[tuple[str, str | None]]
    """Constructor parameters after the input's channels, with the text of their defaults."""
    channels: str | None
    """The output's channels in terms of the parameters; None: ask the instance's ``out_channels``."""
    lines: list[str] = field(default_factory=list)
    computed: dict[str, str] = field(default_factory=dict)
    """Parameters whose default is None to Python, and what the constructor makes of it."""


@dataclass(frozen=True, slots=True)
class Result:
    """An output beside the main one: its field, and the variable of ``forward`` that holds it."""

    field: str
    variable: str
    training_only: bool


@dataclass(slots=True)
class Results:
    """What `from` finds by labels with an index: a dict of ``forward``, and one of ``__init__`` for the channels."""

    variable: str
    channels: str
    container: str
    texts: dict[int, str] = field(default_factory=dict)
    """Of each labelled step, the text of its channels."""
    found: set[tuple[int, int]] = field(default_factory=set)
    readers: dict[int, str] = field(default_factory=dict)
    """Of each `from`, the channels' text that it relies on as that of all; empty where it looks them up."""

    def check(self) -> None:
        """Raises Decline where a `from` relies on what later steps disagree with."""
        relied = {text for text in self.readers.values() if text}
        if relied and set(self.texts.values()) != relied:
            raise Decline("labels with indices of changing channels")

    @property
    def looked_up(self) -> bool:
        return "" in self.readers.values()


class Context:
    """A definition with all of its expansions, and what is known while its class is written."""

    def __init__(
        self, program: Program, definition: Definition, name: str, instances: list[tuple[Scope, Body]],
        unrolled: bool, root: bool, fixed: frozenset[str] = frozenset(),
    ) -> None:  # fmt: skip
        self.program, self.definition, self.name = program, definition, name
        self.scopes = [s for s, _ in instances]
        self.bodies = [b for _, b in instances]
        self.unrolled, self.root, self.fixed = unrolled, root, fixed
        self.syntax = definition.syntax
        self.names = dict(definition.names)
        labels = {str(s.label) for s in scope_steps(self.syntax.body) if s.label}
        self.locals = Names({*TAKEN, *program.hidden} - {"layers", "channels"})
        self.referenced: set[str] = set()
        """Classes that the constructor uses."""
        self.attributes: dict[str, str] = {}
        self.attribute_names = Names(set(labels) | RESERVED)
        sources = [s for b in self.bodies for s in steps_of(b) if isinstance(s.syntax, ast.From)]
        self.targets = {result(s) for s in sources}
        self.indexed_targets = {result(s) for s in sources if not is_static(target_of(s))}
        self.dotted = any("." in str(target_of(s)) or unlabelled(target_of(s)) for s in sources)
        self.saved: dict[int, Flow] = {}
        self.named: dict[str, Flow] = {}
        froms = [s for s in all_steps(self.syntax.body) if isinstance(s, ast.From)]
        self.target_names = {str(s.target) for s in froms if is_static(s.target)}
        self.results: Results | None = None
        self.computed: dict[str, str] = {}
        self.outputs: list[Result] = []
        self.helpers: set[str] = set()
        self.steps = self._step_parameters()
        self.translate = Translator({}, self._input_dim, self.reference, self.names, program.keyword)
        self.flow_shapes: list[Any] = []
        self.flow_channels = ""
        self.untyped: set[str] = set()
        """Parameters that hold a block whose instances are asked for their channels."""
        self.carriers: set[str] = set()
        """Variables of the constructor that carry channels."""
        self.shared: dict[str, str] = {}
        self.top = Code()
        self.top_names: set[str] = set()
        self.turns: list[str] = []
        """The headers of the loops of ``forward`` around the step that is written."""
        self.labels: list[str] = []
        """The labels of the scopes around the step that is written."""
        steps = [s for b in self.bodies for s in steps_of(b)]
        self.with_state = {id(s.syntax) for s in steps if s.opened is not None or has_state(s.node)}

    # --- parameters

    def _step_parameters(self) -> dict[str, bool]:
        """Parameters that hold steps; True where they hold an op, which is written in place."""
        found: dict[str, bool] = {}
        for parameter in self.syntax.parameters:
            name = parameter.name.name
            held = [s.values[name] for s in self.scopes if isinstance(s.values.get(name), Partial)]
            if held:
                ops = [p for p in held if not isinstance(p.target, Definition)]
                if ops and len(ops) < len(self.scopes):
                    raise Decline(f"{name} holds an op here, a block there")
                found[name] = bool(ops)
                for partial in [] if self.unrolled else held:
                    if isinstance(partial.target, Definition):
                        self.program.class_of(partial.target, [])  # Decline unless it has one for all of its forms
        return found

    def parameters(self) -> list[tuple[str, str | None]]:
        if self.unrolled:
            return []
        result: list[tuple[str, str | None]] = []
        before = {"in_channels", "in_features"}
        for parameter in self.syntax.parameters:
            name = parameter.name.name
            if self.steps.get(name):
                continue
            if name in self.fixed:
                self.translate.variables[name] = self.value(self.scopes[0].values[name])
                continue
            default = None
            if parameter.default is not None:
                # The caller's own values become the defaults; a member gives its in its function.
                if self.root and name not in self.program.graph.expansion.bound:
                    default = self.value(self.scopes[0].values[name])
                else:
                    default = self.translate(parameter.default)
                if makes_anew(default) or names_in(default) & before:
                    self.computed[self.program.variables[name]], default = default, "None"
            variable = self.program.variables[name]
            self.locals.used.add(variable)
            self.translate.variables[name] = variable
            result.append((variable, default))
            before.add(variable)
        return result

    def reference(self, partial: Partial) -> str:
        """A block as a value: its class."""
        return self.program.reference(partial, self.referenced)

    def value(self, value: Any) -> str:
        """A parameter's value as Python text."""
        return self.program.value(value, self.referenced)

    def loop_variable(self, name: ast.Name) -> str:
        """The variable of a loop; ``_``, which nothing can read, stays."""
        variable = name.name if name.name == "_" else self.locals.new(identifier(name.name))
        self.translate.variables[name.name] = variable
        return variable

    def _input_dim(self, dim: str) -> str:
        if dim in ("channels", "features"):
            return self.flow_channels
        sizes = {shape["_hw".index(dim[0]) if dim[0] in "hw" else 0] for shape in self.flow_shapes}
        if len(sizes) != 1:
            raise Decline(f"in.{dim} differs")
        return str(sizes.pop())

    # --- naming

    def keyed(self, body: ast.Body) -> bool:
        """Whether a scope's children need keys: unlabelled ones with state, or labels with an index."""
        for step in scope_steps(body):
            if step.label is None and self.stateful(step):
                return True
            if step.label is not None and not str(step.label).isidentifier():
                return True
        return False

    def stateful(self, step: ast.Step) -> bool:
        """Whether an unlabelled step has a place of its own in the ``state_dict``."""
        return isinstance(step, ast.Apply) and (id(step) in self.with_state or stateful(step, self.names, self.steps))

    def key(self, syntax: ast.Step, steps: list[Step]) -> str:
        """A child's name as a Python string or f-string.

        Raises:
            Decline: its position depends on what came before in a way that is not written here.
        """
        if syntax.label is not None and not self.unrolled:
            return self.label_text(syntax.label)
        names = {name_of(step) for step in steps}
        if len(names) != 1:
            raise Decline("positions differ")
        return f'"{names.pop()}"'

    def label_text(self, label: ast.Label) -> str:
        if is_static(label):
            return f'"{label}"'
        parts = [p if isinstance(p, str) else "{" + self.translate(p) + "}" for p in label.parts]
        return f'f"{"".join(parts)}"'

    def targeted(self, step: Step) -> bool:
        """Whether a `from` of the same expansion names this step, or what it gives."""
        return result(step) in self.targets

    def agreed(self, sizes: set[int]) -> str:
        if len(sizes) != 1:
            raise Decline("sizes differ")
        return str(next(iter(sizes)))

    def look(self, steps: list[Step], channels: str) -> None:
        """Make ``in.channels`` and its like mean the flow at these steps."""
        self.flow_channels, self.flow_shapes = channels, [s.input.shape for s in steps]

    def let(self, statement: ast.Let, channels: str, shapes: list[Any], init: Code) -> None:
        if self.unrolled:
            return
        self.flow_channels, self.flow_shapes = channels, shapes
        text = self.translate(statement.value)
        variable = self.locals.new(identifier(statement.name.name))
        self.translate.variables[statement.name.name] = variable
        if init is self.top:
            self.top_names.add(variable)
        init(f"{variable} = {text}")

    def kept(self, channels: str, init: Code) -> str:
        variable = self.locals.new("channels")
        self.carriers.add(variable)
        init(f"{variable} = {channels}")
        return variable

    def decided(self, condition: str, steps: list[Step]) -> int | None:
        """The branch that a condition without variables takes."""
        branches = {s.branch for s in steps}
        return branches.pop() if len(branches) == 1 and not names_in(condition) else None

    @contextmanager
    def unreached(self, syntax: ast.If, steps: list[Step], taken: list[Body]) -> Iterator[None]:
        """A branch that is never taken, if it can't be written: its condition's parameters become constants."""
        try:
            yield
        except Decline:
            parameters = self.parameters_in(syntax.condition)
            if taken or not steps or not parameters:
                raise
            raise Fix(parameters) from None

    def parameters_in(self, condition: ast.Expr) -> set[str]:
        """The parameters that a condition reads, if they may become constants: none differs."""
        parameters = {p.name.name for p in self.syntax.parameters} & names_of(condition) - self.fixed
        values = {tuple(repr(s.values.get(p)) for p in parameters) for s in self.scopes}
        return parameters if len(values) == 1 else set()


def is_static(label: ast.Label | None) -> bool:
    """Whether a label is written out, without indices."""
    return label is not None and all(isinstance(part, str) for part in label.parts)


def result(step: Step) -> tuple[int, int]:
    """What a step gives, in its expansion: the block that it calls may give the same."""
    return id(step.output), id(next(step.scope.calls))


def unlabelled(target: ast.Label) -> bool:
    """Whether a target may be the input, a position, or a merge without a label."""
    name = str(target).rstrip("0123456789").rstrip("_")
    return name in ("", INPUT) or (name in registry and issubclass(registry[name], Merge))


def target_of(step: Step) -> ast.Label:
    assert isinstance(step.syntax, ast.From)
    return step.syntax.target


def name_of(step: Step) -> str:
    """The last part of a step's path."""
    if step.opened is not None:
        return step.opened.name
    if step.node is not None:
        return step.node.path.rpartition(".")[2]
    return ""
