"""Parse tree → pieces of text, statements and steps."""

from __future__ import annotations

from typing import Any

from lark import Token, Tree

from cnndsl.format.docs import Doc, Hard, Join, Text, joined
from cnndsl.format.expressions import arguments, bracket, expression, shape, spaced
from cnndsl.format.layout import Block, Branch, Call, Chain, Entry, If, Lane, Link, Output
from cnndsl.format.trivia import Trivia, split


def statement(node: Tree[Any]) -> Doc:
    children: list[Any] = node.children
    match node.data:
        case "let":
            return Join([Text(f"let {children[1]}"), *spaced(children[2]), expression(children[3])])
        case "output":
            training = " when training" if len(children) > 4 else ""
            return Output(f"output {children[1]}{training}: ", _chain(children[-1]))
        case "expect":
            return _expect(children)
        case "init":
            targets = [bracket(child.children) for child in children[2:-2]]
            value = [*spaced(children[-2]), expression(children[-1])]
            return Join([Text(f"init {children[1]}"), *targets, *value])
    return _chain(node)


def entries(children: list[Any], make: Any) -> list[Entry]:
    """Statements or lanes with the comments between them. Line breaks are tokens among the children."""
    found: list[Entry] = []
    blank = False
    for child in children:
        if isinstance(child, Token):
            before, _, after = split(child)
            trivia = before + after
            found += [Entry(comment, comment.blank) for comment in trivia.comments]
            blank = trivia.blank
        else:
            found.append(Entry(make(child), blank))
            blank = False
    return found


def body(node: Tree[Any]) -> Block:
    children: list[Any] = node.children
    inside, end = split(children[0])[2], split(children[-1])[0]
    found = entries(children[1].children, statement) if len(children) == 3 else []
    if found:
        found[0].blank = inside.blank
    found += [Entry(comment, comment.blank) for comment in end.comments]
    return Block(inside, found, inside.newline or end.newline)


def lanes(node: Tree[Any]) -> Block:
    children: list[Any] = node.children
    inside = split(children[0])[2]
    opened, blank = inside.newline, inside.blank
    found: list[Entry] = []
    for child in children[1:]:
        if isinstance(child, Token):
            trivia = split(child)[0]
            found += [Entry(comment, comment.blank) for comment in trivia.comments]
            opened, blank = opened or trivia.newline, trivia.blank
            continue
        if child.data == "lane_loop":
            found.append(Entry(_lane_loop(child), blank))
            blank = False
            continue
        before, _, after = split(child.children[0])
        found += [Entry(comment, comment.blank) for comment in before.comments]
        opened, blank = opened or before.newline, blank or before.blank
        if len(child.children) > 1:
            found.append(Entry(Lane(after.comments, entries(child.children[1].children, statement)), blank))
            blank = False
        else:
            # Comments below an empty lane are about what comes next.
            found.append(Entry(Lane([c for c in after.comments if not c.own], []), blank))
            found += [Entry(comment, comment.blank) for comment in after.comments if comment.own]
            opened, blank = opened or after.newline, after.blank
    return Block(inside, found, opened)


def _lane_loop(node: Tree[Any]) -> Doc:
    return Join([*_loop(node.children), lanes(node.children[-1])])


def _loop(children: list[Any]) -> list[Doc]:
    """`for x in list as i `, or `dense n as i `."""
    parts: list[Doc] = []
    for child in children[:-1]:
        parts += [Text(str(child)) if isinstance(child, Token) else expression(child), Text(" ")]
    return parts


# --- chains


def _chain(node: Tree[Any]) -> Chain:
    links: list[Link] = []
    before: Trivia | None = None
    for child in node.children:
        if isinstance(child, Token):
            one, _, two = split(child)
            before = one + two
        else:
            links.append(_link(child, before))
    return Chain(links)


def _link(node: Tree[Any], before: Trivia | None) -> Link:
    labelled = node.children[0]
    label = _label(labelled.children[0]) if len(labelled.children) == 2 else None
    link = Link(_step(labelled.children[-1]), label, before=before)
    if len(node.children) == 3:
        written = node.children[2]
        link.shape = shape(written)
        if link.shape.flat is not None:
            several = isinstance(written, Tree) and written.data == "product"
            parts = written.children[::2] if several else [written]
            link.dims = [expression(part).flat or "" for part in parts]
    return link


def _label(node: Tree[Any]) -> Doc:
    *parts, last = [
        str(child).lstrip(" \t") if isinstance(child, Token) else expression(child) for child in node.children
    ]
    return joined(*parts, str(last).strip(": \t") + ": ")


def _step(node: Tree[Any]) -> Doc:
    children: list[Any] = node.children
    match node.data:
        case "apply":
            name = str(children[0])
            return Call(name, arguments(children[1])) if len(children) == 2 else Text(name)
        case "merge":
            given = [arguments(children[1])] if len(children) == 3 else []
            return joined(str(children[0]), *given, " ", lanes(children[-1]))
        case "group":
            return body(children[0])
        case "repeated":
            return Join([_step(children[0]), *spaced(children[1]), expression(children[2])])
        case "for_" | "dense":
            return Join([*_loop(children), body(children[-1])])
        case "if_":
            return _if(node)
        case "from_":
            return joined("from ", expression(children[1]))
    raise TypeError(f"no step: {node.data}")


def _if(node: Tree[Any]) -> If:
    branches: list[Branch] = []
    while True:
        children: list[Any] = node.children
        head = joined("if ", expression(children[1]), " ")
        if len(children) == 3:
            return If([*branches, Branch(head, body(children[2]))])
        branches.append(Branch(head, body(children[2]), split(children[3])[0]))
        node = children[4]
        if node.data == "body":
            return If([*branches, Branch(Text(""), body(node))])


# --- expectations


def _expect(children: list[Any]) -> Doc:
    parts: list[Doc] = [Text("expect "), Text(str(children[1]))]
    for child in children[2:]:
        if isinstance(child, Token):
            parts.append(Text(f" {child}"))
        elif child.data == "target":
            parts += [expression(part) for part in child.children]
        elif child.data == "exact":
            stated = shape if children[1] == "shape" else expression
            parts += [*spaced(child.children[0]), stated(child.children[1])]
        else:
            word, number, percent, of, value = child.children
            after = split(percent)[2].comments
            between: list[Doc] = [Hard(after)] if after else [Text(" ")]
            parts += [Text(f" {word} {number}%"), *between, Text(f"{of} "), expression(value)]
    return Join(parts)
