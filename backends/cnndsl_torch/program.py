"""A graph → the text of one Python file: its classes in the order of use, then how to build the network."""

from __future__ import annotations

import ast
import builtins
import keyword
from collections import Counter
from typing import Any

from cnndsl.elaborate.values import Definition, Partial
from cnndsl.ir.expansion import Body, Scope
from cnndsl.ir.graph import Graph
from cnndsl_torch import rules
from cnndsl_torch.blocks import BlockEmitter
from cnndsl_torch.context import Emitted
from cnndsl_torch.modules import names as helpers
from cnndsl_torch.modules import source_of, with_dependencies
from cnndsl_torch.python import IMPORTED, Decline, Fix, class_name, identifier, literal, unused, variables_of
from cnndsl_torch.structure import calls_of, compares_sizes, nodes_of
from cnndsl_torch.text import docstring, type_of
from cnndsl_torch.wrap import wrapped

assert rules


class Program:
    """The file being written: which classes there are, and what they ask of each other."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.readers = Counter(i.index for n in graph.nodes for i in n.inputs)
        self.readers.update(o.node.index for o in graph.outputs)
        self.asked: set[int] = set()
        """Blocks whose instances must know their output's channels."""
        self.instances: dict[int, list[tuple[Scope, Body]]] = {}
        body = graph.expansion.root.body
        assert body is not None
        for scope, expansion in calls_of(body):
            self.instances.setdefault(id(scope.definition), []).append((scope, expansion))
        texts = [i[0][0].definition for i in self.instances.values()] + [graph.expansion.root.definition]
        self.variables = variables_of(parameters_of(graph))
        """Of every parameter that the spec has, its name in Python."""
        self.clashes: set[str] = set()
        """Class names that a parameter hides where the class is used."""
        self.hidden: set[str] = set()
        """Class names that a local variable hides where the class is used."""
        self.reset()
        self.sizes_pass = not compares_sizes(d for d in texts if d is not None)

    def reset(self) -> None:
        """Forget what was written. What users call is named first."""
        self.emitted: dict[int, Emitted | None] = {}
        self.specialised: dict[int, dict[int, Emitted]] = {}
        self.order: list[Emitted] = []
        self.helpers: set[str] = set()
        self.taken = {*IMPORTED, *helpers(), *dir(builtins), *keyword.kwlist, *self.clashes}
        network, family = self.graph.expansion.network, self.graph.expansion.root.definition
        assert family is not None
        own = self.unique(identifier(network.name.name)) if network.base is not None else None
        self.root_class = self.unique(unused(class_name(family), self.variables.values()))
        self.output_class = self.unique(f"{self.root_class}Output") if len(self.graph.outputs) > 1 else ""
        self.entry = own or self.root_class

    # --- what classes ask

    def needs_attribute(self, definition: Definition) -> bool:
        return id(definition.syntax) in self.asked

    def ask(self, scope: Scope) -> None:
        self.asked.add(id(scope.definition))

    def reference(self, partial: Partial, used: set[str]) -> str:
        """A block as a value: its class, which is added to those used. Raises Decline where it has several, or none."""
        assert isinstance(partial.target, Definition)
        emitted = self.class_of(partial.target, [])
        self.asked.add(id(partial.target.syntax))
        used.add(emitted.name)
        return emitted.name

    def value(self, value: Any, used: set[str]) -> str:
        """A parameter's value as Python text. The classes in it are added to those used."""
        if isinstance(value, list):
            return f"[{', '.join(self.value(v, used) for v in value)}]"
        if not isinstance(value, Partial):
            return literal(value)
        if not isinstance(value.target, Definition):
            raise Decline("an op as a value")
        name = self.reference(value, used)
        parameters = [p.name.name for p in value.target.syntax.parameters]
        given = dict(zip(parameters, (v for v, _ in value.positional), strict=False))
        given |= {k: v for k, (v, _) in value.keywords.items()}
        keywords = [(self.keyword(value.target, k), v) for k, v in given.items()]
        texts = [f"{k}={self.value(v, used)}" for k, v in keywords if k is not None]
        return f"partial({', '.join([name, *texts])})" if texts else name

    def keyword(self, definition: Definition, name: str) -> str | None:
        """What a block's class calls a parameter; None for one that holds an op, which is written in place."""
        variable = self.variables[name]
        return variable if variable in {p for p, _ in self.class_of(definition, []).parameters} else None

    def class_of(self, definition: Definition, scopes: list[Scope]) -> Emitted:
        """The class of a block, written when first asked for.

        Raises:
            Decline: these expansions have classes of their own.
        """
        key = id(definition.syntax)
        if key not in self.emitted and key not in self.specialised:
            self.write(definition)
        emitted = self.emitted.get(key)
        if emitted is not None:
            return emitted
        own = {id(e): e for e in (self.specialised[key].get(id(s)) for s in scopes) if e is not None}
        if len(own) != 1:
            raise Decline(f"{definition.name} has a class for each of its forms")
        return next(iter(own.values()))

    def emitted_for(self, scope: Scope) -> Emitted:
        assert scope.definition is not None
        return self.class_of(self.definition_of(scope), [scope])

    def definition_of(self, scope: Scope) -> Definition:
        assert scope.definition is not None
        return Definition(scope.definition, scope.names)

    def state(self) -> Any:
        """What is written so far, to return to where an attempt fails."""
        specialised = {k: dict(v) for k, v in self.specialised.items()}
        return dict(self.emitted), specialised, list(self.order), set(self.helpers), set(self.taken), set(self.asked)

    def restore(self, state: Any) -> None:
        self.emitted, self.specialised, self.order, self.helpers, self.taken, self.asked = state

    # --- writing

    def write(self, definition: Definition) -> None:
        key = id(definition.syntax)
        instances = self.instances.get(key, [])
        name = self.unique(class_name(definition.syntax))
        # What a recursive call finds while the class is being written: nothing is known of its channels.
        self.emitted[key] = Emitted(
            name, [(self.variables[p.name.name], None) for p in definition.syntax.parameters], None
        )
        state = self.state()
        try:
            emitter, emitted = self.attempt(definition, name, instances, root=False)
            if emitted.channels is not None and recurses(instances):
                # If it holds for the inner calls, it holds for all.
                first = emitted
                self.restore(state)
                state = self.state()
                self.emitted[key] = Emitted(name, first.parameters, first.channels)
                emitter, emitted = self.attempt(definition, name, instances, root=False)
                if (emitted.channels, emitted.parameters) != (first.channels, first.parameters):
                    raise Decline(f"{definition.name} recurses")
        except Decline:
            self.restore(state)
            del self.emitted[key]
            if not instances:
                raise
            self.specialise(definition, name, instances)
            return
        self.emitted[key] = emitted
        self.helpers |= emitter.helpers
        self.order.append(emitted)

    def attempt(
        self, definition: Definition, name: str, instances: list[tuple[Scope, Body]], root: bool
    ) -> tuple[BlockEmitter, Emitted]:
        """Write a class with parameters; those that choose what can't be written become constants."""
        fixed: frozenset[str] = frozenset()
        while True:
            state = self.state()
            try:
                emitter = BlockEmitter(self, definition, name, instances, unrolled=False, root=root, fixed=fixed)
                return emitter, emitter.emit()
            except Fix as fix:
                self.restore(state)
                fixed |= fix.parameters

    def specialise(self, definition: Definition, name: str, instances: list[tuple[Scope, Body]]) -> None:
        """A class for each kind of expansion; one that can't be written either, for each form, figures in place."""
        key = id(definition.syntax)
        self.specialised[key] = {}
        kinds: dict[Any, list[tuple[Scope, Body]]] = {}
        for scope, body in instances:
            kinds.setdefault(kind_of(scope, body), []).append((scope, body))
        for number, kind in enumerate(kinds.values()):
            own = name if not number else self.unique(f"{name}{number + 1}")
            state = self.state()
            try:
                if len(kinds) == 1:
                    raise Decline("tried already")
                emitter, emitted = self.attempt(definition, own, kind, root=False)
            except Decline:
                self.restore(state)
                self.write_forms(definition, own, kind)
            else:
                self.helpers |= emitter.helpers
                self.order.append(emitted)
                self.specialised[key].update({id(scope): emitted for scope, _ in kind})

    def write_forms(self, definition: Definition, name: str, instances: list[tuple[Scope, Body]]) -> None:
        forms: dict[Any, Emitted] = {}
        # The innermost first, so that a recursive block finds the classes of its inner calls.
        for scope, body in sorted(instances, key=lambda i: -i[0].path.count(".")):
            form = signature(body)
            if form not in forms:
                own = name if not forms else self.unique(f"{name}{len(forms) + 1}")
                emitter = BlockEmitter(self, definition, own, [(scope, body)], unrolled=True, root=False)
                forms[form] = emitter.emit()
                self.helpers |= emitter.helpers
                self.order.append(forms[form])
            self.specialised[id(definition.syntax)][id(scope)] = forms[form]

    def unique(self, name: str) -> str:
        name = unused(name, self.taken)
        self.taken.add(name)
        return name

    def root(self) -> tuple[Emitted, list[str]]:
        """The network's own class, and its factory."""
        scope, body = self.graph.expansion.root, self.graph.expansion.root.body
        assert body is not None
        assert scope.definition is not None
        definition = self.definition_of(scope)
        name = self.root_class
        state = self.state()
        try:
            emitter, emitted = self.attempt(definition, name, [(scope, body)], root=True)
            factory = self.factory(emitted)
        except Decline:
            self.restore(state)
            emitter = BlockEmitter(self, definition, name, [(scope, body)], unrolled=True, root=True)
            emitted = emitter.emit()
            factory = self.factory(emitted)
        self.helpers |= emitter.helpers
        self.order.append(emitted)
        return emitted, factory

    def text(self) -> str:
        while True:
            self.reset()
            before = len(self.asked), len(self.clashes), len(self.hidden)
            _, factory = self.root()
            if before == (len(self.asked), len(self.clashes), len(self.hidden)):
                break
        classes = [e.lines for e in self.order]
        parts = [source_of(helper) for helper in with_dependencies(sorted(self.helpers))]
        parts += ["\n".join(wrapped(lines)) for lines in classes]
        if factory:
            parts.append("\n".join(wrapped(factory)))
        body = "\n\n\n".join(part.strip("\n") for part in parts) + "\n"
        return header(self.graph, body)

    def factory(self, root: Emitted) -> list[str]:
        """How a member is built: its family's class with the member's arguments."""
        network = self.graph.expansion.network
        if network.base is None:
            return []
        values = self.graph.expansion.root.values
        parameters = dict(root.parameters)
        given: list[str] = []
        keywords: list[str] = []
        open_: list[str] = []
        used: set[str] = set()
        for name, value in values.items():
            variable = self.variables.get(name)
            if variable not in parameters:
                continue
            if name in self.graph.expansion.bound:
                text = self.value(value, used)
                if parameters[variable] is None and not keywords:
                    given.append(text)
                elif text != root.computed.get(variable, parameters[variable]):
                    keywords.append(f"{variable}={text}")
            else:
                default, none = ("None", " | None") if variable in root.computed else (self.value(value, set()), "")
                open_.append(f"{variable}: {type_of(value) or 'Any'}{none} = {default}")
                keywords.append(f"{variable}={variable}")
        self.clashes |= used & {keyword.partition("=")[0] for keyword in keywords}
        doc = docstring(network.doc or f"{network.name.name}, a member of {root.name}.")
        return [
            f"def {self.entry}({', '.join(open_)}) -> {root.name}:", *doc[:-1],
            f"    return {root.name}({', '.join(given + keywords)})",
        ]  # fmt: skip


def parameters_of(graph: Graph) -> set[str]:
    """The parameters of all blocks and networks that the network's text can see, and that theirs can."""
    found: set[str] = set()
    scopes = {id(graph.expansion.root.names): graph.expansion.root.names}
    pending = [graph.expansion.root.names]
    while pending:
        for definition in pending.pop().values():
            found.update(p.name.name for p in definition.syntax.parameters)
            if id(definition.names) not in scopes:
                scopes[id(definition.names)] = definition.names
                pending.append(definition.names)
    return found


def recurses(instances: list[tuple[Scope, Body]]) -> bool:
    """Whether a block calls itself, at any depth."""
    outer = {id(scope.definition) for scope, _ in instances}
    return any(id(inner.definition) in outer for _, body in instances for inner, _ in calls_of(body))


def kind_of(scope: Scope, body: Body) -> Any:
    """What a class with parameters can't vary in: map or features, and the ops that parameters hold."""
    steps = [(k, v) for k, v in scope.values.items() if isinstance(v, Partial)]
    return len(body.input.shape), tuple((k, repr(v)) for k, v in steps if not isinstance(v.target, Definition))


def signature(body: Body) -> Any:
    """What makes two expansions the same class: their ops, shapes, names and wiring."""
    nodes = list(nodes_of(body))
    index = {id(n): i for i, n in enumerate(nodes)}
    root = len(body.steps[0].scope.path) if body.steps else 0
    return tuple(
        (n.path[root:], repr(n.op), n.shape, tuple((i.shape, index.get(id(i), -1)) for i in n.inputs)) for n in nodes
    )


FROM = {
    "collections": ["OrderedDict"], "collections.abc": ["Callable"], "functools": ["partial"],
    "typing": ["Any", "NamedTuple"], "torch": ["Tensor", "nn"],
}  # fmt: skip
"""What emitted files import from where, if they use it."""


def header(graph: Graph, body: str) -> str:
    """The module docstring and the imports that the body needs."""
    from cnndsl import __version__

    title = f"{graph.name}, written by cnndsl {__version__} from {graph.expansion.network.span.source.name}."
    lines = [f'"""{escape(title)}"""', "", "from __future__ import annotations", ""]
    used = {node.id for node in ast.walk(ast.parse(body)) if isinstance(node, ast.Name)}
    standard = ["import math"] if "math" in used else []
    for module, names in FROM.items():
        if module == "torch":
            lines += [*standard, ""] if standard else []
            lines.append("import torch" if "torch" in used else "")
            lines += ["import torch.nn.functional as F"] if "F" in used else []
            standard = lines
        if found := [name for name in names if name in used or name == "nn"]:
            standard.append(f"from {module} import {', '.join(found)}")
    text = "\n".join(line for i, line in enumerate(lines) if line or (i and lines[i - 1]))
    return f"{text}\n\n\n{body}"


def escape(text: str) -> str:
    safe = text.replace("\\", "\\\\").replace('"', '\\"')
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in safe)
