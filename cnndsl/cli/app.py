"""The program and its commands, each loaded when it is asked for: `check` must not pay for the others."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command

from cnndsl.cli.values import lighten
from cnndsl.diagnostics.drawing.cells import visible

FOLDER = Path(__file__).with_name("commands")


class Commands(MutableMapping[str, Any]):
    """The files of `cnndsl.cli.commands` as commands, by name."""

    def __init__(self) -> None:
        self.names = sorted(path.stem for path in FOLDER.glob("[a-z]*.py"))
        self.loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self.loaded:
            if name not in self.names:
                raise KeyError(name)
            module = import_module(f"cnndsl.cli.commands.{name}")
            single = typer.Typer(add_completion=False, rich_markup_mode="markdown")
            single.command(name, cls=Command, rich_help_panel=module.PANEL, no_args_is_help=module.NEEDS)(module.run)
            self.loaded[name] = get_command(single)
        return self.loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self.loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self.loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)


class Command(TyperCommand):
    def get_params(self, ctx: Any) -> Any:
        return lighten(super().get_params(ctx))


@contextmanager
def _readable() -> Iterator[None]:
    """What typer says of arguments shows what is in them, and does not do it."""
    try:
        yield
    except Exception as error:
        if hasattr(error, "format_message"):
            error.message = "\n".join(map(visible, error.message.split("\n")))  # type: ignore[attr-defined]
        raise


class Group(TyperGroup):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.commands = Commands()

    def make_context(self, *args: Any, **kwargs: Any) -> Any:
        with _readable():
            return super().make_context(*args, **kwargs)

    def invoke(self, ctx: Any) -> Any:
        with _readable():
            return super().invoke(ctx)

    def get_params(self, ctx: Any) -> Any:
        return lighten(super().get_params(ctx))


app = typer.Typer(
    cls=Group, no_args_is_help=True, pretty_exceptions_enable=False, rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)  # fmt: skip


def _version(wanted: bool) -> None:
    if wanted:
        from cnndsl import __version__

        typer.echo(f"cnndsl {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", help="Print the version.", callback=_version, is_eager=True)
    ] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of a bug in cnndsl itself.")] = False,
) -> None:
    """A language and compiler for convolutional networks.

    A SPEC is a file (`mine.cnn`), a file with a network (`mine.cnn:small`), a network of the zoo
    (`resnet50`), or `-` for standard input.

    Start with `cnndsl zoo`, then:

    - `cnndsl summary resnet50`
    - `cnndsl compile resnet50 --set classes=10`
    - `cnndsl check mine.cnn`
    """
