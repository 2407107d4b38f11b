"""One command a file.

Each has ``run``, whose signature and docstring typer reads, ``PANEL``, its place in the help of the program,
and ``NEEDS``: whether it shows its help when it is called without arguments.
"""
