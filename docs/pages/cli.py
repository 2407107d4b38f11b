"""The reference of the command line."""

from __future__ import annotations

from typing import Any

from typer.main import get_command

from cnndsl.cli.app import Commands, app
from docs.pages.markdown import anchor, cell, code, page, table

HELP = ("--install-completion", "--show-completion")
"""Options that typer adds, and says enough of."""


def pages() -> dict[str, str]:
    commands = Commands()
    root: Any = get_command(app)
    contents = table(("command", "what"), [(anchor(name), cell(summary(commands[name].help))) for name in commands])
    parts = [root.help or "", "Every command tells of itself with `--help`.", contents]
    parts.append("## Options of the program\n\n" + options(root.params))
    parts += [section(name, commands[name]) for name in commands]
    return {"reference/cli.md": page("Command line", "`cnndsl/cli/`", *parts)}


def summary(help: str | None) -> str:
    return (help or "").partition("\n")[0]


def section(name: str, command: Any) -> str:
    arguments = [p for p in command.params if p.param_type_name == "argument"]
    usage = " ".join(["cnndsl", name, *(argument.metavar for argument in arguments), "[OPTIONS]"])
    parts = [f"## {name}", f"```text\n{usage}\n```", command.help or ""]
    if arguments:
        rows = [(code(argument.metavar), cell(argument.help or "")) for argument in arguments]
        parts.append(table(("argument", "what"), rows))
    parts.append(options(command.params))
    return "\n\n".join(parts)


def options(parameters: list[Any]) -> str:
    rows = []
    for option in parameters:
        if option.param_type_name == "argument" or set(option.opts) & set(HELP):
            continue
        names = ", ".join(code(name) for name in option.opts)
        rows.append((names, takes(option), code(default(option)), cell(option.help or "")))
    return table(("option", "takes", "default", "what"), rows)


def takes(option: Any) -> str:
    if option.is_flag:
        return ""
    choices = option.type_descriptor.choices or (option.metavar or "N").split("|")
    return ", ".join(map(code, choices))


def default(option: Any) -> str:
    return "" if option.is_flag or option.default is None else str(option.default)
