"""A graph → the text of one Python file: its classes in the order of use, then how to build the network."""

from __future__ import annotations

import builtins
import keyword
from ast import Name
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from cnndsl.elaborate.values import Definition
from cnndsl.ir.expansion import Scope
from cnndsl.ir.graph import Graph
from cnndsl.syntax import ast
from cnndsl.syntax.traversal import names_in
from cnndsl_torch import rules, tree
from cnndsl_torch.modules import names as helpers
from cnndsl_torch.modules import source_of, with_dependencies
from cnndsl_torch.names import IMPORTED, class_name, identifier, unused, variables_of
from cnndsl_torch.printer import signature as head
from cnndsl_torch.printer import statements
from cnndsl_torch.text import docstring, type_of
from cnndsl_torch.tree import Expr, Stmt
from cnndsl_torch.write.block import write_class
from cnndsl_torch.write.expansions import calls_of
from cnndsl_torch.write.header import header
from cnndsl_torch.write.kinds import KINDS, Instances, recurses
from cnndsl_torch.write.place import NOTHING, Anew, Decline, Depends, Fix
from cnndsl_torch.write.reading import reads_sides
from cnndsl_torch.write.translate import value_of
from cnndsl_torch.write.writer import Emitted, TooDeep, Varying, Writer

assert rules


class Program:
    """The file being written: which classes there are, and what they ask of each other."""

    def __init__(self, graph: Graph) -> None:
        self.graph = graph
        self.readers = Counter(each.index for node in graph.nodes for each in node.inputs)
        self.readers.update(output.node.index for output in graph.outputs)
        self.asked: set[int] = set()
        """Blocks whose instances must know their output's channels."""
        self.varying: set[int] = set()
        """Definitions of which results that `from` finds have different channels."""
        self.baked: dict[int, Depends] = {}
        """Of definitions, the parameters that hold what is no value in Python: they are constants."""
        self.flattened: set[int] = set()
        """Definitions of which all loops are written out."""
        self.instances: dict[int, Instances] = {}
        root = graph.expansion.root
        assert root.body is not None
        for scope, body in calls_of(root.body):
            self.instances.setdefault(id(scope.definition), []).append((scope, body))
        texts = [known[0][0].definition for known in self.instances.values()] + [root.definition]
        self.variables = variables_of(parameters_of(graph))
        """Of every parameter that the spec has, its name in Python."""
        self.clashes: set[str] = set()
        """Class names that a parameter hides where the class is used."""
        self.hidden: set[str] = set()
        """Class names that a local variable hides where the class is used."""
        self.reset()
        known = [(root, root.body), *(each for found in self.instances.values() for each in found)]
        values = [item for scope, body in known for item in (*scope.values.items(), *body.variables.items())]
        lists = {name for name, value in values if isinstance(value, list)}
        self.sizes_pass = not any(reads_sides(text, lists) for text in texts if text is not None)
        """Whether a square size can be its side."""

    def reset(self) -> None:
        """Forget what was written. What users call is named first."""
        self.emitted: dict[int, Emitted] = {}
        self.several: dict[int, dict[int, Emitted]] = {}
        """Classes of a definition that has more than one, by the scopes that they are for."""
        self.figured: set[int] = set()
        """Of those the ones that are told apart by more than the ops that parameters hold."""
        self.order: list[Emitted] = []
        self.helpers: set[str] = set()
        self.reserved = {*IMPORTED, *helpers(), *dir(builtins), *keyword.kwlist, *self.clashes}
        self.taken = set(self.reserved)
        network, family = self.graph.expansion.network, self.graph.expansion.root.definition
        assert family is not None
        own = self.unique(identifier(network.name.name)) if network.base is not None else None
        self.root_class = self.unique(unused(class_name(family), {*self.taken, *self.variables.values()}))
        self.output_class = self.unique(f"{self.root_class}Output") if len(self.graph.outputs) > 1 else ""
        self.entry = own or self.root_class

    # --- what classes ask

    def needs_attribute(self, definition: Definition) -> bool:
        return id(definition.syntax) in self.asked

    def ask(self, definition: Definition) -> None:
        """Let the instances of a block know their output's channels."""
        self.asked.add(id(definition.syntax))

    def bake(self, definition: Definition, name: str) -> None:
        """Let a parameter be a constant of its class. Raises Anew, where it is none yet."""
        key = id(definition.syntax)
        known = self.baked.get(key, NOTHING)
        if name not in known:
            self.baked[key] = known | {name}
            raise Anew

    def has_several(self, definition: Definition) -> bool:
        return id(definition.syntax) in self.several

    def by_figures(self, definition: Definition) -> bool:
        """Whether more than the ops that parameters hold may choose among several classes of a definition."""
        return id(definition.syntax) in self.figured

    def follows_others(self, definition: Definition, parameter: ast.Parameter) -> set[str]:
        """The parameter's own name, where its value is what its default makes of other parameters' values."""
        others = {each.name.name for each in definition.syntax.parameters}
        assert parameter.default is not None
        read = names_in(parameter.default)
        name = parameter.name.name
        given = self.graph.expansion.given
        return {name} if read & others and name not in given else set()

    def reference(self, definition: Definition) -> Expr:
        """A block as a value: its class. Raises Decline where it has several, or none."""
        emitted = self.class_of(definition, [])
        self.ask(definition)
        return tree.name(emitted.name)

    def bound(self, definition: Definition, given: Mapping[str, Expr]) -> Expr:
        """A block with some arguments given, as a value."""
        emitted = self.class_of(definition, [])
        kept = {name for name, _ in emitted.parameters}
        constants = set(given) & emitted.fixed
        if constants:
            raise Decline("a block with constants as a value")
        names = {name: self.variables[name] for name in given}
        keywords = {names[name]: value for name, value in given.items() if names[name] in kept}
        reference = self.reference(definition)
        return tree.call("partial", reference, **keywords) if keywords else reference

    def class_of(self, definition: Definition, scopes: list[Scope]) -> Emitted:
        """The class of a block, written when first asked for.

        Raises:
            Decline: these expansions have classes of their own.
        """
        key = id(definition.syntax)
        if key not in self.emitted and key not in self.several:
            self.write(definition)
        if key in self.emitted:
            return self.emitted[key]
        own = {id(each): each for each in (self.several[key].get(id(scope)) for scope in scopes) if each is not None}
        if len(own) != 1:
            raise Decline(f"{definition.name} has a class for each of its forms")
        return next(iter(own.values()))

    def definition_of(self, scope: Scope) -> Definition:
        assert scope.definition is not None
        return Definition(scope.definition, scope.names)

    # --- writing

    def write(self, definition: Definition) -> None:
        """One class for all expansions; where that can't be, one for each kind of them."""
        key = id(definition.syntax)
        instances = self.instances.get(key, [])
        name = self.unique(class_name(definition.syntax))
        # What a recursive call finds while the class is being written: nothing is known of its channels.
        assumed = Emitted(name, [(self.variables[p.name.name], None) for p in definition.syntax.parameters], None)
        state = self.state()
        try:
            self.emitted[key] = assumed
            emitted = self.attempt(definition, name, instances)
            for _ in range(3 if recurses(instances) else 0):
                # If what is known of the class holds for the inner calls, it holds for all.
                if same_interface(assumed, emitted):
                    break
                assumed = Emitted(
                    name,
                    emitted.parameters,
                    emitted.channels,
                    emitted.sized,
                    emitted.fixed,
                    emitted.takes_input,
                    emitted.computed,
                )
                self.restore(state)
                state = self.state()
                self.emitted[key] = assumed
                emitted = self.attempt(definition, name, instances)
            else:
                if recurses(instances):
                    raise Decline(f"{definition.name} recurses")
        except Decline:
            self.restore(state)
            self.emitted.pop(key, None)
            if not instances:
                raise
            self.several[key] = {}
            self.write_kinds(definition, name, instances)
            return
        self.emitted[key] = emitted
        self.order.append(emitted)

    def attempt(self, definition: Definition, name: str, instances: Instances, root: bool = False) -> Emitted:
        """Write a class with parameters; those that choose what can't be written become constants.

        Raises Decline.
        """
        fixed = self.baked.get(id(definition.syntax), NOTHING)
        while True:
            state = self.state()
            try:
                writer = Writer(self, definition, name, instances, root, fixed)
                emitted = write_class(writer)
                self.helpers |= writer.helpers
                return emitted
            except TooDeep:
                self.restore(state)
                if id(definition.syntax) in self.flattened:
                    raise Decline("branches in branches, more than Python reads") from None
                self.flattened.add(id(definition.syntax))
            except Varying:
                self.restore(state)
                self.varying.add(id(definition.syntax))
            except Fix as fix:
                self.restore(state)
                if fix.parameters <= fixed:
                    raise Decline(f"{definition.name} can't be written for these values") from None
                fixed |= fix.parameters

    def write_kinds(self, definition: Definition, name: str, instances: Instances, depth: int = 0) -> None:
        """A class for each kind of expansion, told apart ever more finely until each can have one."""
        # The innermost first, so that a recursive block finds the classes of its inner calls.
        instances = sorted(instances, key=lambda each: -each[0].path.count("."))
        kinds: dict[Any, Instances] = {}
        for scope, body in instances:
            kinds.setdefault(KINDS[depth](scope, body), []).append((scope, body))
        if depth or len({len(body.input.shape) for _, body in instances}) > 1:
            self.figured.add(id(definition.syntax))
        for kind in kinds.values():
            state = self.state()
            own = name if not self.several[id(definition.syntax)] else self.numbered(name)
            try:
                if len(kinds) == 1 and depth < len(KINDS) - 1:
                    raise Decline("tried already")
                emitted = self.attempt(definition, own, kind)
            except Decline:
                self.restore(state)
                if depth == len(KINDS) - 1:
                    raise
                self.write_kinds(definition, name, kind, depth + 1)
            else:
                self.order.append(emitted)
                self.several[id(definition.syntax)].update({id(scope): emitted for scope, _ in kind})

    def state(self) -> Any:
        """What is written so far, to return to where an attempt fails."""
        several = {key: dict(value) for key, value in self.several.items()}
        return dict(self.emitted), several, list(self.order), set(self.helpers), set(self.taken), set(self.asked)

    def restore(self, state: Any) -> None:
        emitted, several, order, helpers, taken, asked = state
        self.emitted, self.several = dict(emitted), {key: dict(value) for key, value in several.items()}
        self.order, self.helpers, self.taken, self.asked = list(order), set(helpers), set(taken), set(asked)

    def unique(self, name: str) -> str:
        while name in self.taken:
            name += "_"
        self.taken.add(name)
        return name

    def numbered(self, name: str) -> str:
        number = 2
        while f"{name}{number}" in self.taken:
            number += 1
        return self.unique(f"{name}{number}")

    def root(self) -> tuple[Emitted, list[str]]:
        """The network's own class, and its factory."""
        scope = self.graph.expansion.root
        assert scope.body is not None
        emitted = self.attempt(self.definition_of(scope), self.root_class, [(scope, scope.body)], root=True)
        factory = self.factory(emitted)
        self.order.append(emitted)
        return emitted, factory

    def text(self) -> str:
        while True:
            self.reset()
            before = len(self.asked), len(self.clashes), len(self.hidden)
            try:
                _, factory = self.root()
            except Anew:
                continue
            if before == (len(self.asked), len(self.clashes), len(self.hidden)):
                break
        parts = [source_of(helper) for helper in with_dependencies(sorted(self.helpers))]
        parts += ["\n".join(emitted.lines) for emitted in self.order]
        parts += ["\n".join(factory)] if factory else []
        body = "\n\n\n".join(part.strip("\n") for part in parts) + "\n"
        return header(self.graph, body)

    def factory(self, root: Emitted) -> list[str]:
        """How a member is built: its family's class with the member's arguments."""
        network = self.graph.expansion.network
        if network.base is None:
            return []
        parameters = dict(root.parameters)
        given: list[Expr] = []
        keywords: dict[str, Expr] = {}
        arguments: list[str] = []
        for name, value in self.graph.expansion.root.values.items():
            variable = self.variables[name]
            if variable not in parameters:
                continue
            if name in self.graph.expansion.bound:
                expr = value_of(self, value)
                default = root.computed.get(variable, parameters[variable])
                if default is None and not keywords:
                    given.append(expr)
                elif default is None or tree.text(expr) != tree.text(default):
                    keywords[variable] = expr
            else:
                computed = variable in root.computed
                shown = "None" if computed else tree.text(value_of(self, value))
                arguments.append(f"{variable}: {type_of(value) or 'Any'}{' | None' if computed else ''} = {shown}")
                keywords[variable] = tree.name(variable)
        doc = docstring(network.doc or f"{network.name.name}, a member of {root.name}.")
        built = tree.call(root.name, *given, **keywords)
        self.clashes |= self.classes_in([tree.returned(built)]) & keywords.keys()
        return [
            *head(self.entry, arguments, root.name), *doc[:-1], *statements([tree.returned(built)], "    "),
        ]  # fmt: skip

    def classes_in(self, code: Iterable[Stmt]) -> set[str]:
        """The emitted classes that statements use."""
        used = {each.id for stmt in code for each in tree.walk(stmt) if isinstance(each, Name)}
        own = (
            set() if self.entry == self.root_class else {self.entry}
        )  # a member's function: nothing in the file calls it
        return {each for each in used if each in self.taken and each not in self.reserved | own}


def parameters_of(graph: Graph) -> set[str]:
    """The parameters of all blocks and networks that the network's text can see, and that theirs can."""
    found: set[str] = set()
    names = graph.expansion.root.names
    scopes, pending = {id(names)}, [names]
    while pending:
        for definition in pending.pop().values():
            found.update(p.name.name for p in definition.syntax.parameters)
            if id(definition.names) not in scopes:
                scopes.add(id(definition.names))
                pending.append(definition.names)
    return found


def same_interface(one: Emitted, two: Emitted) -> bool:
    """Whether callers see the same class."""

    def shown(each: Emitted) -> Any:
        parameters = [(name, None if default is None else tree.text(default)) for name, default in each.parameters]
        channels = None if each.channels is None else tree.text(each.channels)
        return parameters, channels, each.sized, each.fixed, each.computed

    return bool(shown(one) == shown(two))
