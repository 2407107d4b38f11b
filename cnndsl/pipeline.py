"""The order of the stages: source → syntax → elaborate (with shapes) → analysis. Backends come after.

Nothing here imports torch, networkx, pydantic or graphviz; a backend is loaded when it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from os.path import isdir, isfile
from pathlib import Path
from typing import Any

from cnndsl import files
from cnndsl.analysis.expectations import KNOWN as METRICS
from cnndsl.analysis.expectations import check_expectations
from cnndsl.diagnostics.model import Diagnostic, SpecError
from cnndsl.elaborate import Budget, Elaboration, Limits, Module, Modules, OpBinder, elaborate, is_template
from cnndsl.elaborate.modules import unsound
from cnndsl.elaborate.resolve import resolve
from cnndsl.elaborate.spelling import suggestion
from cnndsl.elaborate.statements import MAX_FOUND
from cnndsl.elaborate.values import Definition
from cnndsl.ir.dims import Shape
from cnndsl.ir.graph import Graph
from cnndsl.source import Source, Span


class UnknownSpec(Exception):
    """No file, network or zoo name fits what the user wrote. The message says what would."""


@dataclass(slots=True)
class Spec:
    """One file's stages, each computed when it is asked for and kept."""

    source: Source
    modules: Modules
    limits: Limits = field(default_factory=Limits)
    network: str | None = None
    """The network that the user named."""
    _module: Module | None = None

    @property
    def module(self) -> Module:
        """Raises SpecError where the text is no spec."""
        module = self._load()
        if module.syntax:
            raise SpecError(module.diagnostics)
        return module

    def _load(self) -> Module:
        """The module with what can be read of it."""
        if self._module is None:
            self._module = self.modules.load(self.source)
        return self._module

    def check(self) -> list[Diagnostic]:
        """Everything that is wrong with the file: text, names, and each of its networks."""
        module = self._load()
        names, misfits = resolve(module, METRICS)
        found = [*module.diagnostics, *names]
        silent = unsound(module)
        budget, binder = Budget(self.limits), OpBinder()
        expanded: set[int] = set()
        for definition in module.networks.values():
            if len(found) > MAX_FOUND:
                break
            named = self.network is None or definition.name == self.network
            if named and not is_template(definition) and definition not in silent:
                result = elaborate(definition, None, None, budget, binder)
                expanded |= result.expanded
                found.extend(result.diagnostics)
                if result.graph is not None:
                    found.extend(check_expectations(result.graph, result.expectations, budget))
        if self.network is None:
            found.extend(each for at, each in misfits if id(at.syntax) not in expanded and at not in silent)
        return unique(found)

    def definition(self) -> Definition:
        """The network that the user means: the one named, or the only one of its file that needs no arguments.

        A family is meant where there is nothing else.

        Raises:
            UnknownSpec: the file has no network, or none of that name.
            SpecError: the text is no spec.
        """
        networks = self.module.networks
        if self.network is not None:
            if self.network in networks:
                return networks[self.network]
            near = suggestion(self.network, networks)
            raise UnknownSpec(
                f"{self.source.name} has no network `{self.network}`"
                + (f"; did you mean `{near}`?" if near else f"; it has {', '.join(networks) or 'none'}")
            )
        file = self.source.name
        if not networks:
            raise UnknownSpec(f"{file} has no network")
        meant = [d for d in networks.values() if not is_template(d)] or list(networks.values())
        if len(meant) == 1:
            return meant[0]
        shown = ", ".join(d.name for d in meant)
        raise UnknownSpec(f"{file} has several networks: say which, as in `{file}:{meant[0].name}`; it has {shown}")

    def elaborate(self, arguments: Mapping[str, Any] | None = None, input: Shape | None = None) -> Elaboration:
        """Expand the network. With arguments or an input of one's own, expectations are not checked.

        Raises:
            SpecError: with everything that is wrong.
            UnknownSpec: see `definition`.
        """
        definition = self.definition()
        found = [*self.module.diagnostics, *resolve(self.module, METRICS).found]
        budget = Budget(self.limits)
        changed = bool(arguments) or input is not None
        result = elaborate(definition, arguments, input, budget, stated=not changed)
        if result.graph is not None and not changed:
            found.extend(check_expectations(result.graph, result.expectations, budget))
        found.extend(result.diagnostics)
        if found:
            raise SpecError(unique(found))
        return result

    def graph(self, arguments: Mapping[str, Any] | None = None, input: Shape | None = None) -> Graph:
        """The checked graph. Raises as `elaborate` does."""
        graph = self.elaborate(arguments, input).graph
        assert graph is not None
        return graph


def unique(found: list[Diagnostic]) -> list[Diagnostic]:
    """One diagnostic a place and code, in the order of the text."""
    seen: dict[tuple[str, str, int], Diagnostic] = {}
    for each in found:
        seen.setdefault((each.span.source.name, each.code, each.span.start), each)
    ordered = sorted(seen.values(), key=lambda d: (d.span.source.name, d.span.start, d.code))
    return _condensed(_outermost(ordered))


def _outermost(found: list[Diagnostic]) -> list[Diagnostic]:
    """Without what is wrong inside text that the repair of another mistake writes anew: it has the same cause."""
    anew = [(d, e.span) for d in found if d.code[:3] in ("E01", "E02") for e in d.fix if e.span.end - e.span.start > 2]
    return [d for d in found if not any(_inside(d, other, span) for other, span in anew if other is not d)]


def _inside(found: Diagnostic, other: Diagnostic, around: Span) -> bool:
    span = found.span
    whole = (span.start, span.end) == (around.start, around.end) and found.code[:3] == other.code[:3]
    return (
        around.source.name == span.source.name and around.start <= span.start and span.end <= around.end and not whole
    )


MANY = 3


def _condensed(found: list[Diagnostic]) -> list[Diagnostic]:
    """More than a few with the same words, help included, become one: they have one cause."""
    groups: dict[tuple[str, str, bool], list[Diagnostic]] = {}
    for each in found:
        groups.setdefault((each.code, f"{each.message} {each.help}", each.safe), []).append(each)
    kept = []
    for first, *more in groups.values():
        if len(more) < MANY - 1:
            kept += [first, *more]
            continue
        places = [str(d.span) for d in more]
        shown = places[:SHOWN] + ([f"and {len(places) - SHOWN} more"] if len(places) > SHOWN else [])
        fix = tuple(edit for each in (first, *more) for edit in each.fix)
        kept.append(replace(first, notes=(*first.notes, "likewise at " + ", ".join(shown)), fix=fix))
    return sorted(kept, key=lambda d: (d.span.source.name, d.span.start, d.code))


SHOWN = 12


def from_text(text: str, name: str = "<text>", folder: Path | None = None, limits: Limits | None = None) -> Spec:
    """A spec from its text. Imports are read from ``folder``, by default the current one.

    Raises:
        SpecError: it has half a character, which no file can hold.
    """
    source = Source(name, text)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        place = Span(source, error.start, error.end)
        raise SpecError([Diagnostic("E0702", f"{name} is not UTF-8 text: it has half a character", place)]) from None
    return Spec(source, Modules(files.Importer(folder or Path())), limits or Limits())


def from_path(path: Path, network: str | None = None, limits: Limits | None = None, name: str | None = None) -> Spec:
    """A spec from a file. Raises SpecError where it can't be read."""
    source = files.read(path, name)
    shown = Path(source.name).parent.as_posix()
    importer = files.Importer(path.parent, "" if shown == "." else shown)
    return Spec(source, Modules(importer), limits or Limits(), network)


def locate(text: str, limits: Limits | None = None) -> Spec:
    """What a user's SPEC means: a file, ``file.cnn:network``, or a zoo name.

    Raises:
        UnknownSpec: it is none of them.
        SpecError: the file can't be read.
    """
    path, colon, network = text.rpartition(":")
    if colon and path.endswith(".cnn") and re.fullmatch(r"\w+", network):
        return from_path(Path(path), network, limits)
    if text.endswith(".cnn") or "/" in text or isfile(text):
        return from_path(Path(text), None, limits)
    found = zoo().get(text)
    if found is None and isdir(text):
        return from_path(Path(text), None, limits)
    if found is None:
        near = suggestion(text, zoo())
        raise UnknownSpec(
            f"there is no file and no zoo network `{text}`" + (f"; did you mean `{near}`?" if near else "")
        )
    return from_path(found, text, limits, f"zoo/{found.name}")


_NETWORK = re.compile(r"^network\s+(\w+)([^\n]*)", re.MULTILINE)


def zoo() -> dict[str, Path]:
    """The zoo's files by the names of their networks, families that need arguments included."""
    found: dict[str, Path] = {}
    for path in sorted(files.zoo_folder().glob("*.cnn")):
        for match in _NETWORK.finditer(path.read_text("utf-8")):
            found[match[1]] = path
    return found


__all__ = ["Span", "Spec", "UnknownSpec", "from_path", "from_text", "locate", "unique", "zoo"]
