"""Plain command-line values without pydantic.

typer imports pydantic to turn every argument, even a string into a string, and that takes longer than
`check` itself. Values that need no turning are taken as they are here; all others, and all mistakes, still
go to typer.
"""

from __future__ import annotations

from typing import Any


class Plain:
    """In the place of typer's own coercion of one parameter (its ``RuntimeParam``)."""

    def __init__(self, parameter: Any) -> None:
        self.parameter = parameter

    def coerce(self, value: Any, param: Any, ctx: Any) -> Any:
        several = param.multiple or param.nargs == -1
        if value is None:
            return () if several else None
        if all(map(self._plain, value if several and isinstance(value, list | tuple) else [value])):
            return value
        self.parameter._runtime_param = None
        return self.parameter.get_runtime_param().coerce(value, param=param, ctx=ctx)

    def _plain(self, value: Any) -> bool:
        kind = self.parameter.type_descriptor
        if not isinstance(value, str):
            return False
        return value in kind.choices if kind.is_choice else kind.annotation in (str, list[str])


def lighten(parameters: list[Any]) -> list[Any]:
    """Let plain values of these parameters pass; without effect where typer works in another way."""
    for parameter in parameters:
        if getattr(parameter, "_runtime_param", ...) is None and hasattr(parameter, "type_descriptor"):
            parameter._runtime_param = Plain(parameter)
    return parameters
