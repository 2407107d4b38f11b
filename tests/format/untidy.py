"""Programs that no person would write: all of the syntax, with odd spacing and comments wherever one can be."""

from __future__ import annotations

from random import Random


class Untidy:
    """A text that parses, from random choices. It need not make sense."""

    def __init__(self, random: Random, comments: float = 0.1) -> None:
        self.random, self.rate, self.count = random, comments, 0

    # --- spacing

    def pick(self, *options: str) -> str:
        return self.random.choice(options)

    def space(self) -> str:
        return self.pick("", "", " ", "  ", "\t")

    def gap(self) -> str:
        return self.pick(" ", " ", "  ", " \t")

    def comment(self) -> str:
        self.count += 1
        return f"#{self.pick('', ' ', '!  ')}{self.count}{self.pick('', ' -> x', ' | {', ')  ', ' é', '  :: 3')}"

    def loose(self) -> str:
        """Where line breaks and comments can be."""
        text = self.space()
        while self.random.random() < self.rate:
            text += self.space() + self.pick("", "", self.comment()) + self.pick("\n", "\n\n\n", "\r\n") + self.space()
        return text

    def line(self) -> str:
        """Between statements."""
        text = self.space() + (self.comment() if self.random.random() < self.rate else "") + "\n"
        while self.random.random() < 0.2 + self.rate / 2:
            text += self.space() + (self.comment() if self.random.random() < self.rate else "") + "\n"
        return text + self.space()

    def sign(self, sign: str) -> str:
        return self.loose() + sign + self.loose()

    def after(self, sign: str) -> str:
        return self.space() + sign + self.loose()

    def some(self, low: int, high: int) -> range:
        return range(self.random.randint(low, high))

    # --- expressions

    def name(self) -> str:
        return self.pick("a", "b", "xx", "Unit", "x1", "planes", "_", "very_long_name_of_something")

    def number(self) -> str:
        return self.pick("1", "3", "11", "4_096", "1e-4", "0.5", "4M", "2k")

    def expr(self, depth: int) -> str:
        one, text = self.operand(depth), ""
        for _ in self.some(0, 2 if depth else 0):
            sign = self.pick("+", "-", "*", "/", "//", "%", "x", "and", "or", "==", "<=")
            word = sign.isalpha()
            if sign in ("==", "<="):
                return f"({one}{text}{self.space()}{self.after(sign)}{self.operand(depth - 1)})"
            text += self.gap() + sign + self.gap() if word else self.after(sign)
            text += self.operand(depth - 1)
        return one + text

    def operand(self, depth: int) -> str:
        choice = self.random.randint(0, 11) if depth > 0 else self.random.randint(0, 4)
        inner = depth - 1
        match choice:
            case 0 | 1:
                return self.number()
            case 2 | 3:
                return self.name()
            case 4:
                return self.pick('"s # t"', "true", "false", "in.channels", "in . height", "3x3", "1 x7", "3x 4x5")
            case 5:
                return self.name() + self.arguments(inner)
            case 6:
                return f"[{self.loose()}{self.items([self.expr(inner) for _ in self.some(0, 4)])}]"
            case 7:
                return f"({self.loose()}{self.expr(inner)}{self.loose()})"
            case 8:
                return f"{self.name()}[{self.loose()}{self.expr(inner)}{self.loose()}]"
            case 9:
                return "-" + self.loose() + self.operand(inner)
            case 10:
                return f"(not{self.gap()}{self.expr(inner)})"
        return self.conditional(inner)

    def conditional(self, depth: int) -> str:
        then, otherwise = [self.after("{") + self.expr(depth) + self.loose() + "}" for _ in range(2)]
        if self.random.random() < 0.3:
            otherwise = self.conditional(depth)
        return f"if{self.gap()}{self.expr(depth)}{self.gap()}{then}{self.loose()} else{self.gap()}{otherwise}"

    def items(self, items: list[str]) -> str:
        text = "".join(item + self.sign(",") for item in items)
        return text if items and self.random.random() < 0.3 else text[: text.rindex(",")] if items else ""

    def arguments(self, depth: int, sign: str = "") -> str:
        made = []
        for _ in self.some(0, 6 if self.random.random() < 0.1 else 3):
            key = self.name() + self.after("=") if self.random.random() < 0.4 else ""
            made.append(key + self.expr(depth))
        return f"({self.loose()}{self.items(made)}{self.loose()})"

    # --- steps

    def label(self) -> str:
        return self.pick("", "", "a:", "conv1 :", "l{i+1}:", "l{ i}x{2*k}_y :") + self.space()

    def step(self, depth: int) -> str:
        inner = depth - 1
        choice = self.random.randint(0, 10) if depth > 0 else self.random.randint(0, 2)
        match choice:
            case 0:
                return self.name()
            case 1 | 2 | 3:
                return self.name() + self.space() + self.arguments(min(depth, 2))
            case 4:
                return self.body(inner) + (self.after("*") + self.name() if self.random.random() < 0.4 else "")
            case 5 | 6:
                given = self.arguments(1) if self.random.random() < 0.2 else ""
                return self.name() + given + self.space() + self.lanes(inner)
            case 7:
                index = self.gap() + "as i" if self.random.random() < 0.5 else ""
                return f"for i in{self.gap()}{self.expr(1)}{index} {self.body(inner)}"
            case 8:
                return f"dense{self.gap()}3{self.gap()}as k{self.space()}{self.body(inner)}"
            case 9:
                return self.pick("from a", "from  a.0 . b", "from l{ i+1 }", "from l{ i}x{2*k }_y .b{ i }")
        text = f"if{self.gap()}{self.expr(1)} {self.body(inner)}"
        for _ in self.some(0, 1):
            text += f"{self.loose()} else if{self.gap()}{self.expr(1)} {self.body(inner)}"
        return text + (f"{self.loose()} else{self.space()}{self.body(inner)}" if self.random.random() < 0.5 else "")

    def chain(self, depth: int) -> str:
        text = ""
        for _ in range(self.random.choice([1, 1, 2, 3, 6])):
            shape = self.after("::").rstrip() + self.pick("3x4 x 5", "_ x 11 x 2", "25088") if depth % 2 else ""
            shape = shape.replace("\n", " ") if "#" not in shape and self.random.random() < 0.4 else ""
            text += self.sign("->") + self.label() + self.step(depth) + shape
        return text[text.index("->") + 2 :].lstrip(" \t\r\n") if "#" not in text.split("->")[0] else self.name()

    def lanes(self, depth: int) -> str:
        text = "{" + self.loose()
        loops = [f"for i in n {self.lanes(depth - 1)}" for _ in self.some(0, 1)] if depth > 0 else []
        text += self.line().join(loops)
        for _ in self.some(0, 3):
            text += self.sign("|") + (self.statements(depth) if self.random.random() < 0.8 else "")
        return text + self.loose() + "}"

    def statements(self, depth: int) -> str:
        return self.line().join(self.statement(depth) for _ in range(self.random.choice([1, 1, 2, 3])))

    def statement(self, depth: int) -> str:
        match self.random.randint(0, 9):
            case 0:
                return f"let{self.gap()}{self.name()}{self.after('=')}{self.expr(2)}"
            case 1:
                return f"output a{self.pick('', '  when training')}:{self.space()}{self.chain(depth)}"
            case 2:
                target = self.pick("", "(a)", f"({self.loose()}a.0 . b{self.loose()})", " ( l{ i+1 })")
                value = self.pick(f"{self.after('==')}3x4x5", f"{self.gap()}within 1{self.after('%')}of 4G")
                return f"expect{self.gap()}{self.pick('params', 'shape')}{target}{value}" + self.pick("", ' "s"')
            case 3:
                targets = self.pick("", f"({self.loose()}a{self.sign(',')}b.0)")
                return f"init weight{targets}{self.after('=')}{self.expr(1)}"
        return self.chain(depth)

    def body(self, depth: int) -> str:
        inner = self.statements(depth) if self.random.random() < 0.9 else ""
        return "{" + self.loose() + inner + self.loose() + "}"

    # --- the file

    def program(self, size: int = 4) -> str:
        text = self.pick("", "\n\n", "# first\n") + self.pick("", '"""The file\'s.\n\n  More."""\n\n')
        for _ in self.some(0, 2):
            names = "std . A" + self.sign(",") + "std.B" if self.random.random() < 0.5 else "std.C"
            text += self.pick('import "a.cnn"', f"use{self.gap()}{names}") + self.line()
        return text + "".join(self.definition() + self.line() for _ in self.some(1, size))

    def definition(self) -> str:
        doc = '"""A docstring.  \n  Its  text."""' + self.line() if self.random.random() < 0.3 else ""
        given = [self.name() + self.pick("", self.after("=") + self.expr(1)) for _ in self.some(0, 5)]
        parameters = self.pick("", f"({self.loose()}{self.items(given)}{self.loose()})")
        if self.random.random() < 0.3:
            base = self.name() + self.pick("", self.arguments(2))
            end = self.pick("", self.space() + self.body(1))
            return f"{doc}network{self.gap()}n{parameters}{self.after('=')}{base}{end}"
        signature = self.pick("", f" :{self.space()}3 x H = 4 x 2*c{self.sign('->')}classes{self.space()}")
        head = self.pick("block", "network") + self.gap() + self.name()
        return f"{doc}{head}{self.space()}{parameters}{self.space()}{signature} {self.body(3)}"
