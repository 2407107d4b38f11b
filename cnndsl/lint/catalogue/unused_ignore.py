from __future__ import annotations

from collections.abc import Iterable

from cnndsl.diagnostics.model import Diagnostic, Edit
from cnndsl.elaborate.spelling import suggestion
from cnndsl.lint.comments import Ignore
from cnndsl.lint.model import Rule, words
from cnndsl.source import Span


class UnusedIgnore(Rule):
    """A comment that ignores nothing.

    ## What it does

    It finds `# lint: ignore[…]` where the rule finds nothing on that line, or where there is no such rule.
    A comment alone on its line is about the next line.

    ## Why is this bad?

    What was ignored is gone, or was never found; the comment will hide the next mistake of that kind.

    ## Example

    ```cnn
    network small : 3 x 32 x 32 -> 10 {
        conv(16, 3x3, pad=1, bias=false)  # lint: ignore[conv-bias-before-norm]
        bn -> relu
        global_avgpool -> linear(10)
    }
    ```

    ## Use instead

    ```cnn
    network small : 3 x 32 x 32 -> 10 {
        conv(16, 3x3, pad=1, bias=false)
        bn -> relu
        global_avgpool -> linear(10)
    }
    ```
    """

    code = "W0108"
    name = "unused-ignore"
    fixes = "safe"

    def comments(self, unused: Iterable[tuple[Ignore, list[str]]]) -> Iterable[Diagnostic]:
        known = words(Rule.registry.values())
        for comment, names in unused:
            unknown = next((name for name in names if name not in known), None)
            if unknown is not None:
                near = suggestion(unknown, known)
                help = f"did you mean `{near}`?" if near else "`cnndsl rule` lists them"
                yield self.finding(f"there is no rule `{unknown}`", comment.span, help=help)
                continue
            left = [name for name in comment.names or () if name not in names]
            what = " and ".join(f"`{name}`" for name in names) or "no rule"
            finds = "find" if len(names) > 1 else "finds"
            yield self.finding(
                f"{what} {finds} anything here" if not names else f"{what} {finds} nothing here",
                comment.span, help="take the comment out" if not left else f"`ignore[{', '.join(left)}]`",
                fix=_fix(comment, left),
            )  # fmt: skip


def _fix(comment: Ignore, left: list[str]) -> tuple[Edit, ...]:
    source, start = comment.span.source, comment.span.start
    if left:
        return (Edit(comment.span, f"# lint: ignore[{', '.join(left)}]"),)
    text = source.text
    stop = text.find("\n", comment.span.end)
    end = len(text) if stop < 0 else stop
    if text[comment.span.end : end].strip():
        return ()  # a reason, which may be of use by itself
    while start and text[start - 1] in " \t":
        start -= 1
    if start == 0 or text[start - 1] == "\n":  # alone on its line
        end = min(end + 1, len(text))
    return (Edit(Span(source, start, end), ""),)
