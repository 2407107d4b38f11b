"""Chains whose inner results nobody else reads: the children of an ``nn.Sequential``."""

from __future__ import annotations

from collections.abc import Callable

from cnndsl.ir.expansion import Body, Step
from cnndsl.syntax import ast
from cnndsl_torch.calls import Calls
from cnndsl_torch.flow import Code, Sequence, with_unread
from cnndsl_torch.python import (
    Decline,
    addend,
)
from cnndsl_torch.structure import (
    bodies_in,
    body_of,
    scope_steps,
)  # fmt: skip
from cnndsl_torch.text import plain_range


class Sequences(Calls):
    """Writes plain sequences, with the loops and branches of ``__init__``."""

    def sequence(self, body: ast.Body, bodies: list[Body], channels: str, sequence: Sequence) -> str:
        """Write a sequential body's children; gives the text of the channels behind it."""
        position = 0
        for statement in body.statements:
            if isinstance(statement, ast.Let):
                self.let(statement, channels, [b.steps[position - 1].output.shape if position else b.input.shape
                                               for b in bodies], sequence.init)  # fmt: skip
            elif isinstance(statement, ast.Chain):
                for step in statement.steps:
                    zipped = [b.steps[position] for b in bodies]
                    self.look(zipped, channels)
                    channels = self.sequence_step(step, zipped, channels, sequence)
                    position += 1
        return channels

    def sequence_step(self, syntax: ast.Step, steps: list[Step], channels: str, sequence: Sequence) -> str:
        if f"{sequence.variable}[" in channels and syntax.label is not None and not isinstance(syntax, ast.Apply):
            channels = self.kept(channels, sequence.init)
            self.look(steps, channels)
        if isinstance(syntax, ast.Apply):
            return self.sequence_apply(syntax, steps, channels, sequence)
        if syntax.label is not None:
            key = self.key(syntax, steps)
            inner = Sequence(self.locals.new(str(syntax.label).split("{")[0]), False, sequence.init, [])
            inner.keyed = self.labels_in(syntax)
            channels = self.sequence_inner(syntax, steps, channels, inner)
            sequence.add(key, f"nn.Sequential({inner.arguments})")
            return channels
        return self.sequence_inner(syntax, steps, channels, sequence)

    def labels_in(self, syntax: ast.Step) -> bool:
        return any(s.label is not None for body in bodies_in(syntax) for s in scope_steps(body))

    def sequence_apply(self, syntax: ast.Apply, steps: list[Step], channels: str, sequence: Sequence) -> str:
        key = self.key(syntax, steps) if sequence.keyed else ""
        if self.is_call(syntax, steps):
            text, after = self.block_call(syntax, steps, channels)
        else:
            lowered, after = self.lower(syntax, steps, channels)
            text = lowered.module
        if after is not None and f"{sequence.variable}[" in after:
            after = self.kept(after, sequence.init)
        sequence.add(key, text)
        if after is None:
            sequence.gather()
            after = f"{sequence.last(key)}.out_channels"
        return after

    def sequence_inner(self, syntax: ast.Step, steps: list[Step], channels: str, sequence: Sequence) -> str:
        match syntax:
            case ast.Group():
                return self.sequence(syntax.body, [s.bodies[0] for s in steps], channels, sequence)
            case ast.If():
                return self.sequence_if(syntax, steps, channels, sequence)
            case ast.Repeat() | ast.For():
                body = body_of(syntax.step) if isinstance(syntax, ast.Repeat) else syntax.body
                if self.unrolled:
                    for turn in steps[0].bodies:
                        channels = self.sequence(body, [turn], channels, sequence)
                    return channels
                sequence.gather()
                turns = [t for s in steps for t in s.bodies]
                header = self.header(syntax)

                def write(inner: Code, channels: str) -> str:
                    nested = Sequence(sequence.variable, sequence.keyed, inner, [], True)
                    return self.sequence(body, turns, channels, nested)

                channels = self.loop(header, write, channels, sequence.init, alone=True)
                self.locals.release(header)
                return channels
        raise Decline(f"{type(syntax).__name__} in a sequence")

    def sequence_if(self, syntax: ast.If, steps: list[Step], channels: str, sequence: Sequence) -> str:
        if self.unrolled:
            branch = steps[0].branch
            if branch < 0:
                return channels
            chosen = syntax.then if branch == 0 else syntax.otherwise
            assert chosen is not None
            return self.sequence(chosen, [s.bodies[0] for s in steps], channels, sequence)
        condition = self.translate(syntax.condition)
        taken = self.decided(condition, steps)
        if taken is not None:
            chosen = syntax.then if taken == 0 else syntax.otherwise
            zipped = [s.bodies[0] for s in steps if s.bodies]
            return self.sequence(chosen, zipped, channels, sequence) if chosen else channels
        sequence.gather()

        def write(chosen: ast.Body | None, branch: int) -> Callable[[Code], str]:
            def branch_code(inner: Code) -> str:
                nested = Sequence(sequence.variable, sequence.keyed, inner, [], True)
                taken = [s.bodies[0] for s in steps if s.branch == branch]
                if chosen is None:
                    return channels
                with self.unreached(syntax, steps, taken):
                    return self.sequence(chosen, taken, channels, nested)

            return branch_code

        return self.branches(condition, write(syntax.then, 0), write(syntax.otherwise, 1), channels, sequence.init)

    def header(self, syntax: ast.Repeat | ast.For) -> str:
        if isinstance(syntax, ast.Repeat):
            return f"for _ in range({self.translate(syntax.count)}):"
        items = self.translate(syntax.items)
        variable = self.loop_variable(syntax.variable)
        if syntax.index is None:
            return f"for {variable} in {plain_range(items)}:"
        return f"for {self.loop_variable(syntax.index)}, {variable} in enumerate({items}):"

    def loop(
        self, header: str, write: Callable[[Code, str], str], channels: str, init: Code, alone: bool = False
    ) -> str:
        """A loop whose turns may change the channels: then a variable carries them.

        ``alone`` says that nobody else reads a variable that carries them already.
        """
        inner, used = Code(), set(self.locals.used)
        after = write(inner, channels)
        if after != channels:
            for name in self.locals.used - used:
                self.locals.free(name)
            variable = channels if alone and channels in self.carriers else self.kept(channels, init)
            inner = Code()
            after = write(inner, variable)
            if after != variable:
                inner(f"{variable} += {added}" if (added := addend(after, variable)) else f"{variable} = {after}")
            channels = variable
        if inner.lines:
            init.block(with_unread(header, inner), inner)
        return channels

    def branches(self, condition: str, then: Callable[[Code], str], otherwise: Callable[[Code], str],
                 channels: str, init: Code) -> str:  # fmt: skip
        first, second = Code(), Code()
        after, alternative = then(first), otherwise(second)
        if after != alternative:
            variable = self.locals.new("channels")
            self.carriers.add(variable)
            first(f"{variable} = {after}")
            second(f"{variable} = {alternative}")
            after = variable
        init.block(f"if {condition}:", first)
        if second.lines:
            init.block("else:", second)
        return after
