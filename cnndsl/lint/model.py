"""What a rule of the linter is."""

from __future__ import annotations

import inspect
import re
from collections.abc import Hashable, Iterable
from typing import TYPE_CHECKING, Any, ClassVar, Literal, TypeAlias

from cnndsl.diagnostics.model import Diagnostic
from cnndsl.source import Span

if TYPE_CHECKING:
    from cnndsl.lint.comments import Ignore
    from cnndsl.lint.program import Program
    from cnndsl.lint.view import View

Site: TypeAlias = tuple[Hashable, Diagnostic | None]
"""A place of the text in one network, by a key, and what is wrong there, or None where all is well.

A block is expanded many times. What is found at a key is reported if no expansion has it well.
"""

_PROGRAM = re.compile(r"^```cnn\n(.*?)^```", re.MULTILINE | re.DOTALL)


def words(rules: Iterable[Rule | type[Rule]]) -> set[str]:
    """What a comment can call these rules: their names and codes."""
    return {word for rule in rules for word in (rule.name, rule.code)}


class Rule:
    """A rule. Its subclass has a file of its own in `cnndsl.lint.catalogue`, and nothing else lists it.

    The subclass's docstring documents it: first line a summary, then "What it does", "Why is this bad?",
    "Example", a program that gives this finding and no other, and "Use instead", one that gives none.
    """

    code: ClassVar[str]
    name: ClassVar[str]
    default: ClassVar[bool] = True
    """Whether it applies to every spec; else to those that the configuration calls shared."""
    fixes: ClassVar[Literal["safe", "unsafe"] | None] = None
    """What the edits are that some of its findings come with; `Diagnostic` says what is safe."""

    registry: ClassVar[dict[str, type[Rule]]] = {}

    def __init_subclass__(cls) -> None:
        if cls.name in Rule.registry:
            raise TypeError(f"two rules are named {cls.name}")
        Rule.registry[cls.name] = cls

    def tree(self, program: Program) -> Iterable[Diagnostic]:
        """What the text of a file shows."""
        return ()

    def graph(self, view: View) -> Iterable[Site]:
        """What one network of a file shows."""
        return ()

    def comments(self, unused: Iterable[tuple[Ignore, list[str]]]) -> Iterable[Diagnostic]:
        """What is to be said of comments that ignore nothing: each with its useless names."""
        return ()

    def finding(self, message: str, span: Span, text: str = "", **more: Any) -> Diagnostic:
        return Diagnostic(self.code, message, span, text, safe=self.fixes == "safe", **more)

    @property
    def doc(self) -> str:
        """The rule's page, Markdown."""
        return inspect.getdoc(type(self)) or ""

    @property
    def summary(self) -> str:
        return self.doc.partition("\n")[0]

    @property
    def prose(self) -> str:
        """The page without its two programs."""
        return self.doc.partition("\n## Example\n")[0].rstrip()

    @property
    def example(self) -> str:
        """The program of the page that gives this finding."""
        return _PROGRAM.findall(self.doc)[0]  # type: ignore[no-any-return]

    @property
    def instead(self) -> str:
        """The program of the page that gives none."""
        return _PROGRAM.findall(self.doc)[1]  # type: ignore[no-any-return]
