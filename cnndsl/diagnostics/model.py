"""What a finding is. How it looks is the renderers' concern."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from cnndsl.diagnostics.drawing.cells import visible
from cnndsl.source import Span

Severity = Literal["error", "warning"]


@dataclass(frozen=True, slots=True)
class Label:
    """A second place that matters, with what to know about it."""

    span: Span
    text: str


@dataclass(frozen=True, slots=True)
class Edit:
    """Replace the text of ``span``: one machine-applicable step of a repair."""

    span: Span
    replacement: str


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    ``code`` is stable (``E0402``); its title and explanation are in `cnndsl.diagnostics.codes`.
    ``text`` stands at the primary span; ``calls`` is the chain of block calls that led there, innermost
    first; ``fix`` repairs the mistake. It is ``safe`` where it can't change a network that was meant: spelling, true
    synonyms, punctuation. Any other is offered and made only when asked for: it changes the architecture, a key of the
    ``state_dict``, or what the author stated.
    """

    code: str
    message: str
    span: Span
    text: str = ""
    labels: tuple[Label, ...] = ()
    notes: tuple[str, ...] = ()
    help: str | None = None
    calls: tuple[str, ...] = ()
    fix: tuple[Edit, ...] = ()
    safe: bool = False

    @property
    def severity(self) -> Severity:
        return "warning" if self.code.startswith("W") else "error"

    @property
    def applicability(self) -> Literal["safe", "unsafe"] | None:
        """Whether the repair may be made unseen; None where there is none."""
        return ("safe" if self.safe else "unsafe") if self.fix else None

    def __str__(self) -> str:
        return visible(f"{self.span}: {self.code} {self.message}")


class SpecError(Exception):
    """A spec is wrong. ``diagnostics`` says where and how; it is never empty."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n".join(map(str, self.diagnostics)))
