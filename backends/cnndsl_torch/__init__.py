"""The PyTorch backend: a graph as the source that one would have written by hand, and as a live module.

Writing source needs no torch; `load` does.
"""

from __future__ import annotations

import keyword
from pathlib import Path
from typing import TYPE_CHECKING

from cnndsl.ir.graph import Graph

if TYPE_CHECKING:
    from torch import nn


class TorchBackend:
    """What the entry point ``cnndsl.backends: torch`` gives."""

    name = "torch"
    endings = ("py",)

    @property
    def reserved(self) -> frozenset[str]:
        """What PyTorch's modules and Python use themselves: labels become attributes."""
        from cnndsl_torch.names import RESERVED

        return RESERVED

    def emit(self, graph: Graph, ending: str) -> bytes:
        """The source, of a graph that a transform made as well. See `source`."""
        from cnndsl.recover.target import with_text

        return self.source(with_text(graph)).encode()

    def note(self, graph: Graph, path: str, content: bytes) -> list[str]:
        """How the network is imported from the file."""
        from cnndsl.analysis.metrics import params
        from cnndsl.recover.target import with_text

        known, module = with_text(graph), Path(path).stem
        lines = [f"class {self.class_name(known)}, {params(known.nodes):,} parameters"]
        if module.isidentifier() and not keyword.iskeyword(module):
            entry = self.entry(known)
            lines.append(f"\n    from {module} import {entry}\n\n    model = {entry}()")
        return lines

    def source(self, graph: Graph) -> str:
        """The network as one Python file that depends on PyTorch alone.

        Raises:
            SpecError: E0601, it is nested too deeply.
        """
        from cnndsl.elaborate.values import fail
        from cnndsl_torch.write.program import Program

        try:
            return Program(graph).text()
        except RecursionError:
            message = "the spec is nested too deeply to be written as Python"
            raise fail("E0601", message, graph.expansion.network.name.span) from None

    def entry(self, graph: Graph) -> str:
        """The name in the source that builds the network: its class, or a member's function."""
        from cnndsl_torch.write.program import Program

        return Program(graph).entry

    def class_name(self, graph: Graph) -> str:
        """The network's class in the source; a member's is its family's."""
        from cnndsl_torch.write.program import Program

        return Program(graph).root_class

    def load(self, graph: Graph) -> nn.Module:
        """The network as a module: the emitted source, executed. Raises ImportError without torch."""
        from cnndsl_torch.live import execute

        module: nn.Module = execute(self.source(graph), self.entry(graph))
        return module


backend = TorchBackend()
