"""Who uses a name: the bindings of a definition with their uses, found without evaluation, in linear time."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from cnndsl.syntax import ast
from cnndsl.syntax.traversal import parts

Kind = Literal["parameter", "let", "loop variable", "index", "dimension"]


@dataclass(slots=True, eq=False)
class Binding:
    """A name that a definition gives a value. ``owner`` is the parameter, let, loop or dimension."""

    name: ast.Name
    kind: Kind
    owner: Any
    uses: int = 0


class Names:
    """The names of one body over those around it."""

    __slots__ = ("bound", "outer")

    def __init__(self, outer: Names | None = None) -> None:
        self.bound: dict[str, Binding] = {}
        self.outer = outer

    def find(self, name: str) -> Binding | None:
        env: Names | None = self
        while env is not None:
            if name in env.bound:
                return env.bound[name]
            env = env.outer
        return None


@dataclass(slots=True)
class Usage:
    """The names of one definition."""

    bindings: list[Binding] = field(default_factory=list)
    used: set[str] = field(default_factory=set)
    """Names from outside: ops, blocks, networks, functions and words."""
    values: set[str] = field(default_factory=set)
    """Those of them that are given to another: `Stage(Unit)`."""


def usage_of(syntax: ast.Block | ast.Network) -> Usage:
    """The names that a definition binds and uses."""
    return _Visitor().definition(syntax)


class _Visitor:
    def __init__(self) -> None:
        self.found = Usage()
        self.todo: list[tuple[Any, Names]] = []

    def definition(self, syntax: ast.Block | ast.Network) -> Usage:
        env = Names()
        for parameter in syntax.parameters:
            self.bind(parameter.name, "parameter", parameter, env)
            self.add(parameter.default, env)
        if syntax.signature is not None:
            self.dims(syntax.signature.input, env, binds=True)
            self.dims(syntax.signature.output, env, binds=False)
        if isinstance(syntax, ast.Network) and syntax.base is not None:
            self.add(syntax.base, env)
        self.add(syntax.body, env)
        while self.todo:
            self.visit(*self.todo.pop())
        return self.found

    def dims(self, dims: list[ast.Dim], env: Names, binds: bool) -> None:
        for dim in dims:
            self.add(dim.value, env)
            if dim.name is None or dim.name.name == "_":
                continue
            if dim.value is None and (not binds or env.find(dim.name.name)):
                self.add(dim.name, env)
            else:
                self.bind(dim.name, "dimension", dim, env)

    def bind(self, name: ast.Name, kind: Kind, owner: Any, env: Names) -> None:
        env.bound[name.name] = Binding(name, kind, owner)
        self.found.bindings.append(env.bound[name.name])

    def add(self, node: Any, env: Names) -> None:
        if node is not None:
            self.todo.append((node, env))

    def use(self, name: ast.Name, env: Names, value: bool) -> None:
        binding = env.find(name.name)
        if binding is not None:
            binding.uses += 1
            return
        self.found.used.add(name.name)
        if value:
            self.found.values.add(name.name)

    def visit(self, node: Any, env: Names) -> None:
        if isinstance(node, ast.Step):
            self.add(node.label, env)
            self.add(node.ascription, env)
        match node:
            case ast.Name():
                self.use(node, env, True)
            case ast.Body():
                inner = Names(env)
                for statement in node.statements:
                    if isinstance(statement, ast.Let):
                        self.bind(statement.name, "let", statement, inner)
                    self.add(statement, inner)
            case ast.Apply() | ast.Merge():
                self.use(node.name, env, False)
                for argument in node.arguments or []:
                    self.add(argument.value, env)
                for lane in node.lanes if isinstance(node, ast.Merge) else []:
                    self.add(lane, env)
            case ast.For() | ast.LaneLoop() | ast.Dense():
                self.loop(node, env)
            case ast.Label():
                for part in node.parts:
                    if not isinstance(part, str):
                        self.add(part, env)
            case _:
                for each in _parts(node):
                    self.add(each, env)

    def loop(self, node: ast.For | ast.LaneLoop | ast.Dense, env: Names) -> None:
        turn = Names(env)
        self.add(node.count if isinstance(node, ast.Dense) else node.items, env)
        if not isinstance(node, ast.Dense):
            self.bind(node.variable, "loop variable", node, turn)
        if node.index is not None:
            self.bind(node.index, "index", node, turn)
        for each in node.lanes if isinstance(node, ast.LaneLoop) else [node.body]:
            self.add(each, turn)


def _parts(node: Any) -> list[Any]:
    """What is inside a node that binds nothing."""
    match node:
        case ast.Unary() | ast.Operation() | ast.Product() | ast.List() | ast.Index() | ast.Conditional() | ast.Call():
            return parts(node)
        case ast.If():
            return [node.condition, node.then, node.otherwise]
        case ast.Chain():
            return node.steps
        case ast.Let():
            return [node.value]
        case ast.Expect():
            return [node.value, node.target]
        case ast.Init():
            return [node.value, *node.targets]
        case ast.Group() | ast.Lane() | ast.Output():
            return [node.body]
        case ast.Repeat():
            return [node.step, node.count]
        case ast.From():
            return [node.target]
        case ast.Literal() | ast.InputDim():
            return []
    raise TypeError(f"{type(node).__name__} is not a node that holds names")  # a new one needs its line here
