"""Tidying what was written."""

from __future__ import annotations

import ast as py
from collections import Counter
from collections.abc import Collection, Iterable

from cnndsl_torch import tree
from cnndsl_torch.tree import Stmt


def without_unused(statements: list[Stmt]) -> list[Stmt]:
    """Without assignments to local variables that nothing reads, and what is empty then."""
    reads, values = Counter(_reads(statements)), dict[str, list[str]]()
    for stmt in _assignments(statements):
        name, value = _assigned(stmt)
        values.setdefault(name, []).extend(each for each in _names(value) if each != name)
    unread = [name for name in values if not reads[name]]
    while unread:  # what only an unread variable reads is not read either
        for each in values.pop(unread.pop()):
            reads[each] -= 1
            if not reads[each] and each in values:
                unread.append(each)
    return list(_kept(statements, reads))


def _assigned(stmt: Stmt) -> tuple[str, py.expr]:
    match stmt:
        case py.Assign(targets=[py.Name(id=name)], value=value) | py.AugAssign(target=py.Name(id=name), value=value):
            return name, value
    raise TypeError(f"{type(stmt).__name__} assigns no variable")


def _assignments(statements: list[Stmt]) -> Iterable[Stmt]:
    """The assignments to variables, at any depth."""
    for stmt in statements:
        match stmt:
            case py.Assign(targets=[py.Name()]) | py.AugAssign(target=py.Name()):
                yield stmt
            case py.If(body=body, orelse=orelse):
                yield from _assignments(body)
                yield from _assignments(orelse)
            case py.For(body=body):
                yield from _assignments(body)


def without(statements: list[Stmt], gone: Collection[py.AST]) -> list[Stmt]:
    """Without some statements, at any depth."""
    kept: list[Stmt] = []
    for stmt in statements:
        if any(stmt is each for each in gone):
            continue
        if isinstance(stmt, py.If | py.For):
            stmt.body = without(stmt.body, gone) or [py.Pass()]
            stmt.orelse = without(stmt.orelse, gone)
        kept.append(stmt)
    return kept


def _reads(statements: list[Stmt]) -> Iterable[str]:
    """The variables that are read; counting one on is not reading it."""
    for stmt in statements:
        match stmt:
            case py.Assign(targets=[py.Name(id=name)], value=value):
                yield from (each for each in _names(value) if each != name)
            case py.AugAssign(target=py.Name(), value=value):
                yield from _names(value)
            case py.If(test=test, body=body, orelse=orelse):
                yield from _names(test)
                yield from _reads(body)
                yield from _reads(orelse)
            case py.For(iter=items, body=body):
                yield from _names(items)
                yield from _reads(body)
            case _:
                yield from _names(stmt)


def _names(node: py.AST) -> Iterable[str]:
    return (each.id for each in tree.walk(node) if isinstance(each, py.Name))


def _kept(statements: list[Stmt], reads: Counter[str]) -> Iterable[Stmt]:
    for stmt in statements:
        match stmt:
            case py.Assign(targets=[py.Name(id=name)]) | py.AugAssign(target=py.Name(id=name)) if not reads[name]:
                continue
            case py.If(test=test, body=body, orelse=orelse):
                then, other = list(_kept(body, reads)), list(_kept(orelse, reads))
                then = [each for each in then if not isinstance(each, py.Pass)]
                if then or other:
                    yield py.If(test, then or [py.Pass()], other)
            case py.For(target=target, iter=items, body=body):
                inner = [each for each in _kept(body, reads) if not isinstance(each, py.Pass)]
                if inner:
                    yield py.For(target, items, inner, [])
            case _:
                yield stmt
