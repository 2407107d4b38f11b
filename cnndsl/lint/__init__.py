"""The linter: specs that are right, and could be better. One rule a file of `cnndsl.lint.catalogue`.

>>> from cnndsl import lint, pipeline
>>> for finding in lint.lint(pipeline.from_path(Path("mine.cnn"))):
...     print(finding)
"""

from __future__ import annotations

from functools import cache
from importlib import import_module
from pkgutil import iter_modules

from cnndsl.lint.model import Rule
from cnndsl.lint.run import lint
from cnndsl.lint.settings import BadSettings, Settings, chosen


@cache
def _all() -> tuple[Rule, ...]:
    from cnndsl.lint import catalogue

    for module in iter_modules(catalogue.__path__):
        import_module(f"{catalogue.__name__}.{module.name}")
    return tuple(sorted((rule() for rule in Rule.registry.values()), key=lambda rule: rule.code))


def rules() -> list[Rule]:
    """All rules, in the order of their codes."""
    return list(_all())


__all__ = ["BadSettings", "Rule", "Settings", "chosen", "lint", "rules"]
