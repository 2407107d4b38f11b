"""Random programs over the whole language: blocks with all kinds of parameters, the standard library, lanes and
loops in one another, recursion, labels and `from`, outputs, several named sizes. The checker says which are right.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random

from cnndsl.ops import registry

STD = {
    "ConvRelu": "ConvRelu({w}, {k}, pad=1)", "ConvBnRelu": "ConvBnRelu({w}, 3, 1, 1)", "BasicBlock": "BasicBlock({w})",
    "Bottleneck": "Bottleneck({w})", "Fire": "Fire(2, {w}, 3)", "DenseBlock": "DenseBlock(2, {w})",
    "Transition": "Transition()", "PreActBlock": "PreActBlock({w}, drop=0)",
    "Inception": "Inception(2, 3, {w}, 2, 3, 2)",
    "Stage": "Stage(BasicBlock, {w}, 2, 2)", "OptionA": "OptionA({w} + 4, 2)",
}  # fmt: skip
ACTS = ["relu", "tanh", "silu", "leaky_relu(0.2)", "prelu", "identity", "bn", "sigmoid", "elu"]


@dataclass
class Scope:
    """What a place of the text can name."""

    numbers: list[str] = field(default_factory=list)
    flags: list[str] = field(default_factory=list)
    steps: list[str] = field(default_factory=list)
    blocks: list[str] = field(default_factory=list)
    lists: list[str] = field(default_factory=list)
    sizes: list[str] = field(default_factory=list)
    labels: list[str] = field(default_factory=list)
    indices: list[str] = field(default_factory=list)
    """The variables of the loops around: a label needs them all."""
    nameless: bool = False
    """Whether turns have no number, so that nothing has a label."""
    keeps: bool = False
    """Whether heights and widths must stay what they are, as in the lanes of a merge."""

    def inner(self, **more: list[str]) -> Scope:
        made = Scope(indices=[*self.indices], nameless=self.nameless, keeps=self.keeps)
        for name in ("numbers", "flags", "steps", "blocks", "lists", "sizes", "labels"):
            setattr(made, name, list(getattr(self, name)))
        for name, values in more.items():
            getattr(made, name).extend(values)
        return made


class Programs:
    """Draws programs from one seed."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed)
        self.examples = [op.example for op in registry.values()]
        self.count = 0
        self.std: set[str] = set()
        self.calls: dict[str, str] = {}
        self.keeping: set[str] = set()
        self.most = 3
        """Of blocks, statements and the like: small programs are tried sooner, and read sooner."""

    def program(self) -> str:
        self.count, self.std, self.calls, self.keeping = 0, set(), {}, set()
        self.most = self.random.choice([1, 1, 2, 3])
        blocks = [self.block() for _ in range(self.random.randint(0, self.most))]
        network = self.network()
        uses = f"use {', '.join(f'std.{name}' for name in sorted(self.std))}\n" if self.std else ""
        return uses + "\n".join([*blocks, network])

    # --- small choices

    def one(self, *choices: str) -> str:
        return self.random.choice(choices)

    def chance(self, share: float) -> bool:
        return self.random.random() < share

    def fresh(self, stem: str) -> str:
        self.count += 1
        return f"{stem}{self.count}"

    # --- expressions

    def number(self, at: Scope, deep: int = 1) -> str:
        """A small positive integer, most of the time."""
        leaf = [str(self.random.randint(1, 6)), str(self.random.randint(2, 9)), "in.channels", *at.numbers * 3]
        if deep == 0 or self.chance(0.5):
            return self.random.choice(leaf)
        one, two = self.number(at, deep - 1), self.number(at, deep - 1)
        return self.one(
            f"{one} + {two}", f"{one} * {two}", f"({one} + 3) // 2", f"max({one}, {two})", f"min({one}, {two}) + 1",
            f"{one} - {two} + 4", f"if {self.condition(at)} {{ {one} }} else {{ {two} }}", f"{one} % 3 + 1",
            *[f"{each}[0] + 1" for each in at.lists], *[f"len({each}) + {one}" for each in at.lists],
        )  # fmt: skip

    def condition(self, at: Scope) -> str:
        choices = [f"in.channels > {self.random.randint(1, 9)}", *at.flags * 2, *[f"not {each}" for each in at.flags]]
        choices += [f"{each} {self.one('>', '==', '<=', '!=')} {self.random.randint(0, 4)}" for each in at.numbers]
        choices += [f"{each} == {self.one('relu', 'tanh')}" for each in at.steps]
        choices += [f"{each} > {self.random.randint(2, 20)}" for each in at.sizes]
        choice = self.random.choice(choices)
        return f"{choice} {self.one('and', 'or')} {self.random.choice(choices)}" if self.chance(0.2) else choice

    def size(self, at: Scope) -> str:
        """A height or width, or something made of them."""
        one = self.random.choice([*at.sizes, "in.height", "in.width"])
        return self.one(one, one, f"{one} // {self.random.randint(2, 4)}", f"({one} + 1) // 2", f"{one} - 1")

    # --- steps

    def op(self, at: Scope) -> str:
        w, n = self.number(at), self.random.randint(1, 3)
        kept = [
            f"conv({w}, 1x1)", f"conv({w}, 3x3, pad=1)",
            f"conv({w}, {self.random.choice([*at.numbers, '3'])}, pad=same)",
            "conv(in.channels, 3x3, pad=1, groups=in.channels)", f"conv({w}, 3x1, pad=same, dilation=2)", "bn",
            "maxpool(3x3, stride=1, pad=1)", "dropout(0.2)", "scale", "groupnorm(1)", "lrn(3, k=1)", "layernorm",
            f"pad_channels(in.channels + {n})", "droppath(0.1)", "slice(0, 1)", "apl(1)", "maxout(1)",
            "upsample(1, mode=bilinear)", *at.steps * 4, *self.random.sample(ACTS, 3) * 3,
        ]  # fmt: skip
        if at.keeps:
            return self.random.choice(kept)
        plain = [
            *kept, f"conv({w}, 3x3, stride=2, pad=1, bias=false)", f"conv({w}, 5x5, stride=3, pad=same)",
            f"conv_transpose({w}, 2x2, stride=2)", "maxpool(2x2)", "maxpool(3x3, stride=2, round=ceil)",
            "avgpool(2x2, stride=1)", f"maxpool({n}x{n}, stride=1)", "upsample(2)", f"upsample({n}, mode=bilinear)",
            "zero_pad(1)", "subsample(2)", "subsampling(2x2)",
            self.random.choice(self.examples), self.random.choice(self.examples),
        ]  # fmt: skip
        sized = [
            f"adaptive_avgpool({self.size(at)})", f"avgpool({self.size(at)} x {self.size(at)})",
            f"adaptive_maxpool({self.size(at)} x 2)", "avgpool(in.height x in.width)", f"conv({self.size(at)}, 1x1)",
        ]  # fmt: skip
        if self.chance(0.07):
            if self.chance(0.4):
                return (
                    f"adaptive_avgpool(1) -> conv({w}, 1x1) -> upsample({self.random.choice(at.sizes)})"
                    if at.sizes
                    else "relu"
                )
            return self.random.choice(sized)
        return self.random.choice(plain)

    def call(self, at: Scope) -> str:
        if at.keeps:
            keeping = [name for name in self.calls if name in self.keeping]
            return self.arguments(self.random.choice(keeping), at) if keeping else self.op(at)
        if self.chance(0.25):
            name = self.random.choice([*STD])
            self.std |= {name, *(["BasicBlock"] if name == "Stage" else [])}
            return STD[name].format(w=self.number(at, 0), k=3)
        if at.blocks and self.chance(0.5):
            return f"{self.random.choice(at.blocks)}({self.number(at, 0)})"
        if not self.calls:
            return self.op(at)
        return self.arguments(self.random.choice([*self.calls]), at)

    def arguments(self, name: str, at: Scope) -> str:
        """A call of a block of our own; the kinds of its parameters are letters."""
        given = []
        for position, kind in enumerate(self.calls[name]):
            if position and self.chance(0.4):
                break
            given.append(self.value(kind, at))
        return f"{name}({', '.join(given)})"

    def value(self, kind: str, at: Scope) -> str:
        match kind:
            case "n":
                return self.number(at)
            case "r":
                return str(self.random.randint(0, 3))
            case "f":
                return self.random.choice(["true", "false", *at.flags])
            case "s":
                return self.random.choice([*ACTS[:5], *at.steps])
            case "l":
                return self.random.choice(["[2, 3]", "[4]", "[1, 2, 3]", *at.lists])
        names = [name for name, kinds in self.calls.items() if "b" not in kinds and kinds[:1] == "n"]
        return self.random.choice([*at.blocks, *names, "conv(size=1x1)"])

    def step(self, at: Scope, deep: int) -> str:
        if deep == 0 or self.chance(0.45):
            return self.op(at) if self.chance(0.7) else self.call(at)
        return self.random.choice([
            self.group, self.merge, self.merge, self.repeat, self.loop, self.dense, self.branch, self.lane_loop,
            self.gate,
        ])(at, deep - 1)  # fmt: skip

    def chain(self, at: Scope, deep: int) -> str:
        return " -> ".join(
            self.labelled(self.step(at, deep), at) for _ in range(self.random.choice([1, 1, 2, 3][: 1 + self.most]))
        )

    def labelled(self, step: str, at: Scope) -> str:
        if " -> " in step or at.nameless or not self.chance(0.2):
            return step
        label = self.fresh("s") + "_".join(f"{{{each}}}" for each in at.indices)
        at.labels.append(label)
        return f"{label}: {step}"

    def body(self, at: Scope, deep: int) -> str:
        lines = []
        for _ in range(self.random.choice([1, 1, 1, 2, 3][: 2 + self.most])):
            if self.chance(0.12):
                name = self.fresh("v")
                if self.chance(0.4):
                    lines.append(f"let {name} = {self.size(at)}")
                    at.sizes.append(name)
                else:
                    lines.append(f"let {name} = {self.number(at)}")
                    at.numbers.append(name)
            lines.append(self.chain(at, deep))
            if at.labels and self.chance(0.15):
                lines.append(self.join(at))
        return "\n".join(lines)

    def join(self, at: Scope) -> str:
        label = self.random.choice(at.labels)
        return self.one(f"concat {{ | | from {label} | }}", f"add {{ | from {label} | }}", f"from {label} -> relu")

    def group(self, at: Scope, deep: int) -> str:
        return f"{{ {self.body(at.inner(), deep)} }}"

    def merge(self, at: Scope, deep: int) -> str:
        kind = self.one("concat", "concat", "add", "add", "mean", "max", "mean(drop_path=0.1)")
        w = self.number(at.inner(numbers=[]), 0).replace("in.channels", "4")
        lanes = []
        for _ in range(self.random.randint(1, 3)):
            inner = at.inner()
            inner.keeps = at.keeps or self.chance(0.95)
            lane = self.chain(inner, deep)
            lanes.append(lane if kind == "concat" else f"{lane} -> conv({w}, 1x1)")
        skip = "| " if self.chance(0.2) or kind == "concat" else ""
        return f"{kind} {{ | " + " | ".join(lanes) + f" {skip}}}"

    def gate(self, at: Scope, deep: int) -> str:
        name = self.fresh("c")
        pool = self.one("adaptive_avgpool(1)", "adaptive_maxpool(1)", "avgpool(in.height x in.width)")
        return (
            f"{{ let {name} = in.channels\n"
            f"mul {{ | | {pool} -> conv({self.number(at, 0)}, 1x1) -> relu -> conv({name}, 1x1) -> sigmoid }} }}"
        )

    def repeat(self, at: Scope, deep: int) -> str:
        count = self.random.choice(["2", "3", "0", *at.numbers])
        inner = at.inner()
        inner.nameless = True
        return f"{{ {self.body(inner, deep)} }} * {count}"

    def items(self, at: Scope) -> str:
        return self.random.choice(
            ["range(2)", "range(1, 3)", "[2, 3]", "[3]", *at.lists, *[f"range({n})" for n in at.numbers]]
        )

    def loop(self, at: Scope, deep: int) -> str:
        if self.chance(0.1):
            name = self.fresh("u")
            inner = at.inner(steps=[name])
            inner.nameless = True
            return f"for {name} in [relu, tanh, bn] {{ {self.chain(inner, deep)} }}"
        name, index = self.fresh("i"), self.fresh("j")
        head = f"for {name} in {self.items(at)}" + (f" as {index}" if (both := self.chance(0.3)) else "")
        inner = at.inner(numbers=[f"({name} + 1)"], indices=[index if both else name])
        text = f"{head} {{ {self.body(inner, deep)} }}"
        return text

    def dense(self, at: Scope, deep: int) -> str:
        name = self.fresh("i")
        named = self.chance(0.5)
        inner = at.inner(numbers=[f"({name} + 1)"] if named else [], indices=[name] if named else [])
        inner.keeps, inner.nameless = True, at.nameless or not named
        head = f"dense {self.random.choice(['2', '3', *at.numbers])}" + (f" as {name}" if named else "")
        return f"{head} {{ {self.chain(inner, deep)} }}"

    def branch(self, at: Scope, deep: int) -> str:
        then = f"if {self.condition(at)} {{ {self.body(at.inner(), deep)} }}"
        return then + (f" else {{ {self.body(at.inner(), deep)} }}" if self.chance(0.5) else "")

    def lane_loop(self, at: Scope, deep: int) -> str:
        name = self.fresh("i")
        inner = at.inner(numbers=[f"({name} + 1)"], indices=[name])
        inner.keeps = True
        lane = f"| {self.chain(inner, deep)}"
        if self.chance(0.3):
            second = self.fresh("i")
            lane = f"for {second} in [1, 2] {{ | {self.chain(inner.inner(numbers=[second], indices=[second]), 0)} }}"
        kind, end = self.one(("concat"), "add"), ""
        end = " -> conv(3, 1x1)" if kind == "add" and not lane.startswith("for") else ""
        more = f" | {self.chain(at.inner(), 0)}{end}" if self.chance(0.4) else ""
        return f"{kind} {{ for {name} in {self.items(at)} {{ {lane}{end} }}{more} }}"

    # --- definitions

    def block(self) -> str:
        name = self.fresh("Block")
        kinds = self.random.choice(["n", "nn", "nf", "ns", "nr", "nl", "nnf", "nb", "nsr", "l", "nnsl"])
        at, parameters, recursive = Scope(), [], ""
        for position, kind in enumerate(kinds):
            own = self.fresh(kind)
            default = self.value(kind, Scope(numbers=at.numbers)) if position else ""
            if kind == "b" and "Block" not in default:
                default = "ConvRelu(size=1)"
                self.std.add("ConvRelu")
            parameters.append(own + (f" = {default}" if default else ""))
            {"n": at.numbers, "r": at.numbers, "f": at.flags, "s": at.steps, "l": at.lists, "b": at.blocks}[
                kind
            ].append(own)
            recursive = own if kind == "r" and position else recursive
        signature = ""
        if self.chance(0.3):
            height, width = self.fresh("H"), self.fresh("W")
            signature = f" : {self.fresh('C')} x {height} x {width} -> _ x _ x _"
            at.sizes += [height, width]
        at.keeps = self.chance(0.4)
        if at.keeps:
            self.keeping.add(name)
        body = self.body(at, self.random.randint(0, min(2, self.most)))
        if recursive:
            rest = ", ".join(
                f"{each.split(' ')[0]} - 1" if each.startswith(recursive) else each.split(" ")[0] for each in parameters
            )
            body += f"\nif {recursive} > 0 {{ {self.one('relu -> ', '')}{name}({rest}) }}"
        self.calls[name] = kinds
        return f"block {name}({', '.join(parameters)}){signature} {{\n{body}\n}}"

    def network(self) -> str:
        at, parameters = Scope(), []
        for kind in self.random.choice(["", "n", "nf", "nn", "ns", "nl", "nb", "r", "nsf"]):
            own = self.fresh(kind)
            value = self.value(kind, Scope(numbers=at.numbers))
            if kind == "b" and "Block" not in value:
                value = "ConvRelu(size=1)"
                self.std.add("ConvRelu")
            parameters.append(f"{own} = {value.replace('in.channels', '4')}")
            {"n": at.numbers, "r": at.numbers, "f": at.flags, "s": at.steps, "l": at.lists, "b": at.blocks}[
                kind
            ].append(own)
        height, width = self.random.randint(5, 20), self.random.randint(5, 20)
        channels = self.random.choice(["3", "4", "C=3"])
        match self.random.randint(0, 5):
            case 0:
                sides = f"{height} x {width}"
            case 1:
                sides, at.sizes = f"S={height} x S", ["S"]
            case 2:
                sides, at.sizes = f"H={height} x {width}", ["H"]
            case _:
                sides, at.sizes = f"H={height} x W={width}", ["H", "W"]
        lines = []
        for _ in range(self.random.randint(1, 1 + self.most)):
            lines.append(self.body(at, self.random.randint(0, min(2, self.most))))
            if at.labels and self.chance(0.2) and not at.indices:
                mode = self.one("", " when training")
                lines.append(f"output {self.fresh('out')}{mode}: from {self.random.choice(at.labels)}"
                             + self.one("", " -> conv(2, 1x1)", " -> { global_avgpool -> linear(3) }"))  # fmt: skip
        result = "_ x _ x _"
        if self.chance(0.4):
            lines.append(
                self.one("global_avgpool", "flatten", "global_avgpool -> linear(7)", "flatten -> linear(5) -> relu")
            )
            result = "_"
        head = f"network {self.one('n', 'net', 'Net')}" + (f"({', '.join(parameters)})" if parameters else "")
        return f"{head} : {channels} x {sides} -> {result} {{\n" + "\n".join(lines) + "\n}\n"
