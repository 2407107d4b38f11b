"""A class whose members are the turns of one loop goes through its members."""

from __future__ import annotations

import ast as py
from collections.abc import Collection

from cnndsl_torch import tree
from cnndsl_torch.tree import Expr, Stmt
from cnndsl_torch.write.unused import without
from cnndsl_torch.write.writer import Writer


def through_members(w: Writer, init: list[Stmt], forward: list[Stmt]) -> None:
    """``for layer in self.values()`` in place of ``for i in range(self.n)`` and ``self[f"layer{i}"]``.

    Only in an ``nn.ModuleDict`` with no other member. TorchScript takes no computed key.
    """
    kept = {tree.text(each) for each in w.kept.values()}
    made = [key for each in init if isinstance(each, py.For) for key in _keys(each.body)]
    loops = [each for each in forward if isinstance(each, py.For) and _lookups([each])]
    if not len(made) == len(loops) == len(_lookups(forward)) == len(_registered(init, kept)) == 1:
        return
    [loop], [key] = loops, made
    lookup = _lookups([loop])[0]
    if tree.text(lookup.slice) != key:
        return
    layer = tree.name(w.locals.new("layer"))
    rest = [_Replaced(tree.text(lookup), layer).visit(stmt) for stmt in map(tree.copied, loop.body)]
    if tree.names_in(loop.target) & {each.id for stmt in rest for each in tree.walk(stmt) if isinstance(each, py.Name)}:
        return
    head = _attributes([tree.statement(loop.iter)])
    loop.target, loop.iter, loop.body = layer, tree.parse("self.values()"), rest
    unread = head & kept - _attributes(forward)
    init[:] = without(init, [each for each in init if isinstance(each, py.Assign)
                             and tree.text(each.targets[0]) in unread])  # fmt: skip


class _Replaced(py.NodeTransformer):
    def __init__(self, text: str, by: Expr) -> None:
        self.text, self.by = text, by

    def visit_Subscript(self, node: py.Subscript) -> Expr:
        return self.by if tree.text(node) == self.text else node


def _of_self(node: py.AST) -> bool:
    return isinstance(node, py.Attribute | py.Subscript) and isinstance(node.value, py.Name) and node.value.id == "self"


def _keys(body: list[Stmt]) -> list[str]:
    """The keys that the statements themselves register."""
    targets = [stmt.targets[0] for stmt in body if isinstance(stmt, py.Assign)]
    return [tree.text(each.slice) for each in targets if isinstance(each, py.Subscript) and _of_self(each)]


def _registered(statements: list[Stmt], kept: Collection[str]) -> list[py.AST]:
    """What is assigned to the class at any depth, but for the values in `kept`."""
    assigned = [each.targets[0] for stmt in statements for each in tree.walk(stmt) if isinstance(each, py.Assign)]
    return [each for each in assigned if _of_self(each) and tree.text(each) not in kept]


def _lookups(statements: list[Stmt]) -> list[py.Subscript]:
    found = [each for stmt in statements for each in tree.walk(stmt) if isinstance(each, py.Subscript)]
    return [each for each in found if _of_self(each)]


def _attributes(statements: list[Stmt]) -> set[str]:
    found = [each for stmt in statements for each in tree.walk(stmt) if isinstance(each, py.Attribute)]
    return {tree.text(each) for each in found if _of_self(each)}
