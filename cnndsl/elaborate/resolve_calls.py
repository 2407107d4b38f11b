"""Arguments against parameters without evaluation, as far as their values are the same everywhere."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from cnndsl.diagnostics.model import Diagnostic, Edit, SpecError
from cnndsl.elaborate import habits
from cnndsl.elaborate.binding import match, wrong_kind
from cnndsl.elaborate.evaluate import FUNCTIONS, foreign_word, ops
from cnndsl.elaborate.labels import Labels, labels_of
from cnndsl.elaborate.modules import Module
from cnndsl.elaborate.resolve_names import DYNAMIC, NameResolver, Names
from cnndsl.elaborate.values import Definition, Partial, fail, joins_lanes, not_a_merge
from cnndsl.ops import Merge, Op, Symbol, registry
from cnndsl.ops.base import REQUIRED
from cnndsl.source import Span
from cnndsl.syntax import ast

Target = Definition | type[Op] | None


def as_source(found: Diagnostic) -> Diagnostic:
    """The mistake of a label that stands where a step does, told so."""
    name = found.span.text
    help = f"`{name}` is a label: `from {name}` takes the result of its step"
    return replace(found, help=help, fix=(Edit(found.span, f"from {name}"),))


class CallResolver(NameResolver):
    def __init__(self, module: Module) -> None:
        super().__init__(module)
        self._labels: dict[int, Labels] = {}

    def labels(self, syntax: ast.Block | ast.Network) -> Labels:
        if id(syntax) not in self._labels:
            self._labels[id(syntax)] = labels_of(syntax)
        return self._labels[id(syntax)]

    def call(self, expr: ast.Call, env: Names) -> None:
        assert self.current is not None
        name = expr.name.name
        function = name in FUNCTIONS and not env.defines(name) and name not in self.current.names
        if function and (name not in registry or not any(a.name for a in expr.arguments)):
            for argument in expr.arguments:
                keyword = argument.name
                if keyword is not None:
                    self.report(fail("E0301", f"`{name}` has no argument `{keyword.name}`", keyword.span))
                self.expr(argument.value, env)
            return
        target = self.target(expr.name, env, "name")
        self.bind(target, expr.arguments, env, expr.span, complete=False)

    def target(self, name: ast.Name, env: Names, what: str, lanes: bool = False) -> Target:
        """The block or op that a name stands for; None where that is not known here. ``lanes`` stand behind it."""
        assert self.current is not None
        if env.defines(name.name):
            return None
        if name.name in self.current.names:
            return self.current.names[name.name]
        if name.name in registry:
            return registry[name.name]
        more = (*registry, *FUNCTIONS) if what == "name" else ops(False)
        self.unknown(name, ops(True) if lanes else [*env.all(), *self.current.names, *more], what)
        return None

    # --- steps that call

    def apply(self, step: ast.Apply, env: Names) -> Target:
        """Check a call. Gives what is called, where that is known."""
        assert self.current is not None
        before = len(self.found)
        target = self.target(step.name, env, "op or block")
        if len(self.found) > before and step.arguments is None and self.labelled(step.name.name):
            self.found[-1] = as_source(self.found[-1])
            return None
        if len(self.found) > before and not step.arguments and (found := self.flow(step)) is not None:
            self.found[-1] = replace(self.found[-1], help=found[0], fix=found[1], safe=False)
            return None
        if len(self.found) > before and (edits := self.translated(step)):
            empty = all(each.name and each.name.name in habits.VOID for each in step.arguments or [])
            self.found[-1] = replace(self.found[-1], help=f"it is written `{edits[0].replacement}` here", fix=edits,
                                     safe=self.found[-1].safe and empty)  # fmt: skip
            return None  # its arguments are translated with it
        if isinstance(target, type) and issubclass(target, Merge):
            if self.skipped and step.span.source.text[step.span.end : step.span.end + 200].lstrip().startswith("{"):
                return None  # its lanes stand below, and that was said
            if not self.has_gap(step.span):
                self.report(self.lanes_given(step, target.name, env))
            return None
        self.bind(target, step.arguments or [], env, step.span, complete=True)
        told = self.found[before:]
        if told and all(each.span.text in habits.ELSEWHERE for each in told) and (edits := self.translated(step)):
            self.found[before:] = [replace(told[0], fix=edits)]
        return target

    def lanes_given(self, step: ast.Apply, name: str, env: Names) -> SpecError:
        """E0309 for a merge that is given its lanes as arguments: steps, or labels of steps."""
        assert self.current is not None
        before, written = len(self.found), []
        labels = self.labels(self.current.syntax).literal | self.lost_here
        given = [argument.value for argument in step.arguments or [] if argument.name is None]
        for value in [v for each in given for v in (each.items if isinstance(each, ast.List) else [each])]:
            if isinstance(value, ast.Name) and value.name in labels and not env.defines(value.name):
                written.append(f"from {value.name}")
                continue
            self.expr(value, env)
            written.append(value.span.text if isinstance(value, ast.Call | ast.Name) else "")
        if len(written) == 1 and written[0].startswith("from "):
            written.insert(0, "identity")  # beside what flows in
        sound = len(self.found) == before and len(written) > 1 and all(written)
        return joins_lanes(name, step.span, written if sound else [])

    def translated(self, step: ast.Apply) -> tuple[Edit, ...]:
        """The edits that write a call of another library in the language; none where something can't be said."""
        from cnndsl.elaborate.pasted import translated  # only where there is a mistake: it delays every start

        return translated(step)

    def flow(self, step: ast.Apply) -> tuple[str, tuple[Edit, ...]] | None:
        """What is meant by a step that names the flow, or nothing: the help and the repair."""
        name, text = step.name.name, step.span.source.text
        if name in habits.EARLIER:
            return "a lane that is empty, `|`, is the input of its merge; an earlier step is `from` its label", ()
        if name not in habits.INPUT:
            return None
        if text[: step.span.start].rstrip(" \t").endswith("|"):
            return "a lane that is empty, `|`, is the input itself", (Edit(step.span, ""),)
        return "`identity` gives on what flows in", (Edit(step.span, "identity"),)

    def labelled(self, name: str) -> bool:
        """Whether a step of this definition has that label."""
        raise NotImplementedError

    def merge(self, step: ast.Merge, env: Names) -> Target:
        """Check a merge without its lanes. Gives the op, where that is known."""
        if not step.lanes and self.has_gap(step.span):
            return None  # it was said that there are none
        before = len(self.found)
        target = self.target(step.name, env, "op or block", lanes=True)
        if target is None and len(self.found) > before:
            meant, given = habits.called(step.name.name, registry), step.arguments or []
            if meant is not None and all(a.name is not None and a.name.name in habits.NEEDLESS for a in given):
                end = step.span.source.text.find("{", step.name.span.end)
                edit = Edit(Span(step.span.source, step.name.span.start, end), f"{meant} ")
                self.found[-1] = replace(self.found[-1], help=f"it is called `{meant}` here", fix=(edit,))
                return None
        if target is None:
            self.arguments(step.arguments or [], None, env)
        elif isinstance(target, Definition) or not issubclass(target, Merge):
            self.report(not_a_merge(step.name))
            return None
        else:
            self.bind(target, step.arguments or [], env, step.name.span, complete=True)
            if not step.lanes:
                self.report(fail("E0310", f"`{step.name.name}` has no lanes", step.span))
        return target

    def arguments(
        self, given: list[ast.Argument], target: Target, env: Names
    ) -> tuple[list[tuple[Any, Span]], dict[str, tuple[Any, Span]]] | None:
        """The arguments with their values, as far as these are known; None if they can't be bound."""
        declared = list(target.args.values()) if isinstance(target, type) else []
        positional: list[tuple[Any, Span]] = []
        keywords: dict[str, tuple[Any, Span]] = {}
        fits = True
        for argument in given:
            name, value = argument.name, argument.value
            known = None
            if name is not None and isinstance(target, type):
                known = target.args.get(name.name)
            elif name is None and len(positional) < len(declared):
                known = declared[len(positional)]
            words: Any = self.words if target is None else known.words if known is not None else ()
            count = len(self.found)
            if isinstance(value, ast.Name) and value.name in words and not (target is None and env.defines(value.name)):
                found: Any = Symbol(value.name) if target is not None else DYNAMIC
            elif isinstance(target, type) and foreign_word(argument, target, len(positional)):
                found = DYNAMIC
            else:
                found = self.expr(value, env)
            if (
                known is not None
                and isinstance(target, type)
                and isinstance(value, ast.Name)
                and len(self.found) > count
            ):
                from cnndsl.elaborate import misgiven

                self.found[-1] = misgiven.in_our_words(self.found[-1], argument, known, target)
            if name is None:
                if keywords and fits and not self.has_gap(argument.span):
                    fits = False
                    from cnndsl.elaborate import misgiven

                    self.report(misgiven.behind_keyword(given, misgiven.names_of(target)))
                positional.append((found, value.span))
            elif name.name in keywords:
                if fits:
                    fits = False
                    self.report(fail("E0302", f"`{name.name}` is given twice", argument.span))
            else:
                keywords[name.name] = (found, value.span)
        return (positional, keywords) if fits else None

    def bind(self, target: Target, given: list[ast.Argument], env: Names, where: Span, complete: bool,
             text: Span | None = None) -> None:  # fmt: skip
        """Check arguments against parameters. ``complete``: the call is made, nothing may be missing.

        ``text`` is where text may be missing that is the call's, by default where the call is.
        """
        before = len(self.found)
        values = self.arguments(given, target, env)
        if target is None or values is None or self.has_gap(text or where) or target in self.module.damaged:
            return
        partial = Partial(target, tuple(values[0]), values[1])
        try:
            if isinstance(target, Definition):
                self.bind_definition(partial, target, where, complete)
            else:
                self.bind_op(partial, target, where, complete, len(self.found) == before)
        except SpecError as error:
            self.report(error)

    def bind_definition(self, partial: Partial, target: Definition, where: Span, complete: bool) -> None:
        syntax = target.syntax
        names = [p.name.name for p in syntax.parameters]
        required = [p.name.name for p in syntax.parameters if p.default is None and complete]
        if isinstance(syntax, ast.Network) and syntax.base is not None:
            own = {k: v for k, v in partial.keywords.items() if k in names}
            partial = Partial(target, partial.positional, own)
        match(partial, names, required, where, syntax.name.span)

    def bind_op(self, partial: Partial, op: type[Op], where: Span, complete: bool, clean: bool) -> None:
        values = [v for v, _ in (*partial.positional, *partial.keywords.values())]
        if complete and clean and not any(v is DYNAMIC for v in values):
            self.binder.bind(partial, where)
            return
        required = [name for name, a in op.args.items() if a.default is REQUIRED and complete]
        problems = []
        bound = match(partial, list(op.args), required, where, None)
        for name, (value, span) in bound.items():
            if value is DYNAMIC:
                continue
            try:
                op.args[name].kind.parse(value)
            except ValueError as error:
                problems.append(wrong_kind(op, name, value, span, str(error), bound))
        if problems:
            raise SpecError(problems)
