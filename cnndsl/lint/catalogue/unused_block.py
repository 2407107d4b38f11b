from __future__ import annotations

from collections.abc import Iterable, Iterator

from cnndsl.diagnostics.model import Diagnostic
from cnndsl.lint.model import Rule
from cnndsl.lint.program import Program


class UnusedBlock(Rule):
    """A block that no network of its file comes to.

    ## What it does

    It finds blocks that no network uses, neither itself nor by way of other blocks. A file without networks
    is a library, and left alone; so is a block that a file which imports this one names. Of several unused
    blocks that use one another the first to take out is shown.

    ## Why is this bad?

    Nothing expands the block, so that its shapes are never checked.

    ## Example

    ```cnn
    block Unit(out) {
        conv(out, 3x3, pad=1) -> relu
    }

    block OldUnit(out) {
        conv(out, 5x5, pad=2) -> relu
    }

    network small : 3 x 32 x 32 -> 10 {
        Unit(16)
        global_avgpool -> linear(10)
    }
    ```

    ## Use instead

    ```cnn
    block Unit(out) {
        conv(out, 3x3, pad=1) -> relu
    }

    network small : 3 x 32 x 32 -> 10 {
        Unit(16)
        global_avgpool -> linear(10)
    }
    ```
    """

    code = "W0103"
    name = "unused-block"

    def tree(self, program: Program) -> Iterable[Diagnostic]:
        networks = list(program.module.networks)
        if not networks:
            return
        users = {name: usage.used for name, usage in program.usages.items()}
        seen = set(networks)
        self.follow(networks, users, seen)
        unused = [name for name in users if name not in seen]
        inner = {used for name in unused for used in users[name] if used != name}
        # Those that no unused block uses come first; what is left then is in circles.
        for name in [*(n for n in unused if n not in inner), *(n for n in unused if n in inner)]:
            if name in seen:
                continue
            seen.add(name)
            self.follow([name], users, seen)
            if name not in program.elsewhere:
                span = program.module.own[name].syntax.name.span
                yield self.finding(f"no network uses the block `{name}`", span, help="take it out")

    def follow(self, names: list[str], users: dict[str, set[str]], seen: set[str]) -> None:
        """Add what these definitions use."""
        queue: list[Iterator[str]] = [iter(names)]
        for each in queue:
            for name in each:
                new = [n for n in users.get(name, ()) if n in users and n not in seen]
                seen.update(new)
                queue.append(iter(new))
