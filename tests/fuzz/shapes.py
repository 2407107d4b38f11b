"""Texts of every shape that we know, as long as is asked for: what they cost must grow as they do."""

from __future__ import annotations

from collections.abc import Callable

MAP = "network A : 3 x 8 x 8 -> _ x _ x _"


def body(text: str, rest: str = "") -> str:
    return f"{MAP} {{\n{text}\n{rest}}}\n"


def each(form: str, n: int, between: str = "\n") -> str:
    """A form for each number below n: ``@`` stands for the number, ``^`` for the one behind it."""
    return between.join(form.replace("@", str(i)).replace("^", str(i + 1)) for i in range(n))


def nested(opening: str, closing: str, deep: int, n: int) -> str:
    """As many pieces as are asked for, each ``deep`` deep."""
    return "\n".join([opening * deep + closing * deep] * max(1, n // deep))


def letters(number: int) -> str:
    """A number in letters."""
    return "".join(chr(ord("a") + int(digit)) for digit in str(number))


FAMILY = "network F(c = 3, d = 1) : 3 x 8 x 8 -> _ x _ x _ { conv(c, 1x1) }\n"

Shape = Callable[[int], str]

RIGHT: dict[str, Shape] = {
    "steps on lines": lambda n: body(each("conv(3, 1x1) -> relu", n)),
    "steps in a chain": lambda n: body(each("relu", n, " -> ")),
    "labels": lambda n: body(each("a@: relu", n)),
    "labels with an index": lambda n: body(f"for i in range({n}) {{ a{{i}}: relu }}"),
    "labels in branches": lambda n: body(each("if 1 == 1 { a@: relu }", n)),
    "labels in nested branches": lambda n: body("if 1 == 1 {\n" * 30 + each("a@: relu", n) + "\n}" * 30),
    "labelled groups": lambda n: body(each("a@: { b: relu }", n)),
    "labels in labels": lambda n: body(each("l@: " + "{ a: " * 30 + "relu" + " }" * 30, max(1, n // 30))),
    "groups": lambda n: body(nested("{", "}", 30, n)),
    "merges": lambda n: body(nested("add { | | ", "}", 20, n)),
    "concats of concats": lambda n: body("\n".join(["concat { | conv(1, 1x1) } -> add { | | }"] * n)),
    "lanes": lambda n: body("concat {\n" + each("| conv(3, 1x1)", n) + "}"),
    "lanes to add": lambda n: body("add {\n" + each("| conv(3, 1x1)", n) + "}"),
    "lanes in a loop": lambda n: body(f"add {{ for i in range({n}) {{ | conv(3, 1x1) }} }}"),
    "lanes with labels": lambda n: body("concat {\n" + each("| a@: conv(3, 1x1)", n) + "}"),
    "lane loops": lambda n: body("add {\n" + each("for i in [1] { | relu }", n) + "\n}"),
    "ascriptions": lambda n: body(each("relu :: 3 x 8 x 8", n)),
    "repetitions": lambda n: body(each("relu * 2", n)),
    "a repetition": lambda n: body(f"relu * {10 * n}"),
    "a repeated call": lambda n: "block B { conv(3, 1x1) -> relu }\n" + body(f"B * {2 * n}"),
    "loops": lambda n: body(each("for i in [1, 2] { relu }", n)),
    "a loop": lambda n: body(f"for i in range({5 * n}) {{ relu }}"),
    "a loop over a written list": lambda n: body("for i in [" + each("@", n, ", ") + "] { relu }"),
    "dense": lambda n: body(each("dense 1 { conv(1, 1x1) }", n)),
    "a dense block": lambda n: body(f"dense {n} {{ conv(1, 1x1) }}"),
    "conditions": lambda n: body(each("if in.channels == 3 { relu } else { tanh }", n)),
    "conditions not met": lambda n: "block B(n) {\n" + each("if n == @ { relu }", n) + "\n}\n" + body("B(3)"),
    "conditions in a block called often": lambda n: "block B(n) {\n" + each("if n == @ { relu }", n) + "\n}\n"
    + body("B(3)\n" * 8),
    "else if": lambda n: body(each("if 1 == 2 { relu }" + " else if 1 == 2 { relu }" * 10, max(1, n // 10))),
    "from": lambda n: body("a: relu\n" + each("from a -> relu", n)),
    "from each before": lambda n: body("a0: relu\n" + each("from a@ -> a^: relu", n)),
    "from in lanes": lambda n: body("a: relu\n" + each("add { | from a | }", n)),
    "outputs": lambda n: body(each("output o@: relu", n)),
    "outputs in training": lambda n: body(each("output o@ when training: relu", n)),
    "output chains": lambda n: body(each("output o@: relu -> tanh", n)),
    "lets": lambda n: body(each("let a@ = @", n)),
    "chained lets": lambda n: body("let a0 = 1\n" + each("let a^ = a@ + 1", n)),
    "chained lets in a block": lambda n: "block B(c) {\nlet a0 = c\n" + each("let a^ = a@ + 0", n)
    + f"\nconv(a{n}, 1x1)\n}}\n" + body("B(3)\nB(4)"),
    "lets of lists": lambda n: body(each("let a@ = [1, 2, 3]", n)),
    "lets around loops": lambda n: body(each("let a@ = 1", n) + f"\nfor i in range({n}) {{ let b = i\nrelu }}"),
    "nested scopes": lambda n: body("{ let a = 1\n" + each("{ let b@ = 1\nrelu }", n) + "}"),
    "expects": lambda n: body("relu\n" + each("expect params == 0", n)),
    "expects of labels": lambda n: body(each("a@: relu", n) + "\n" + each("expect params(a@) == 0", n)),
    "expects of memory": lambda n: body(each("a@: relu", n) + "\n" + each("expect memory(a@) >= 0", n)),
    "expects of depth": lambda n: body(each("a@: relu", n) + "\n" + each("expect depth(a@) == 0", n)),
    "expects of shapes": lambda n: body(each("a@: relu", n) + "\n" + each("expect shape(a@) == 3 x 8 x 8", n)),
    "expects of receptive fields": lambda n: body(
        each("a@: relu", n) + "\n" + each("expect receptive_field(a@) == 1x1", n)),
    "inits": lambda n: body("conv(3, 1x1)\n" + each("init weight = he", n)),
    "inits of labels": lambda n: body(each("a@: conv(3, 1x1)", n) + "\n" + each("init weight(a@) = he", n)),
    "init of many labels": lambda n: body(
        each("a@: conv(3, 1x1)", n) + "\ninit weight(" + each("a@", n, ", ") + ") = he"),
    "blocks": lambda n: each("block B@ { relu }", n),
    "blocks called": lambda n: each("block B@ { relu }", n) + "\n" + body(each("B@", n)),
    "blocks that call": lambda n: each("block B@ { B^ }", n) + f"\nblock B{n} {{ relu }}\n",
    "blocks on blocks": lambda n: each("block B@ { relu }\n" + body("").replace("A", "N@"), n),
    "parameters": lambda n: "block B(" + each("p@", n, ", ") + ") { relu }",
    "parameters with defaults": lambda n: "block B(" + each("p@ = @", n, ", ") + ") { relu }\n" + body("B"),
    "defaults of defaults": lambda n: "block B(p0 = 1, " + each("p^ = p@", n, ", ") + ") { relu }\n" + body("B"),
    "arguments by keyword": lambda n: "block B(" + each("p@ = 0", n, ", ") + ") { relu }\n"
    + body("B(" + each("p@ = 1", n, ", ") + ")"),
    "arguments by position": lambda n: "block B(" + each("p@ = 0", n, ", ") + ") { relu }\n"
    + body("B(" + each("1", n, ", ") + ")"),
    "parameters of a network": lambda n: MAP.replace("A", "A(" + each("p@ = @", n, ", ") + ")") + "{ relu }",
    "networks": lambda n: each(MAP.replace("A", "A@") + " { relu }", n),
    "members": lambda n: FAMILY + each("network m@ = F(@ + 1)", n),
    "members with bodies": lambda n: FAMILY + each("network m@ = F(4) { expect params == 16 }", n),
    "a chain of members": lambda n: FAMILY + "network m0 = F(2)\n" + each("network m^ = m@", n),
    "a chain of members with arguments": lambda n: FAMILY + "network m0 = F(d = 2)\n"
    + each("network m^ = m@(c = 4)", n),
    "a chain of members with parameters": lambda n: FAMILY + "network m0 = F(d = 2)\n"
    + each("network m^(p@ = 3) = m@", n),
    "a chain of networks": lambda n: "network N0 : 3 x 8 x 8 -> _ x _ x _ { relu }\n"
    + each("network N^ : 3 x 8 x 8 -> _ x _ x _ { relu }", n),
    "networks as steps": lambda n: FAMILY + body(each("F", n)),
    "members as steps": lambda n: FAMILY + "network m = F(3)\n" + body(each("m", n)),
    "sums": lambda n: body("let a = " + each("1", n, " + ")),
    "sums on lines": lambda n: body("let a = " + each("1", n, " +\n")),
    "products": lambda n: body("let a = " + each("1", n, " * ")),
    "conjunctions": lambda n: body("if " + each("1 == 1", n, " and ") + " { relu }"),
    "lists": lambda n: body("let a = [" + each("@", n, ", ") + "]"),
    "lists of lists": lambda n: body("let a = [" + each("[@, 1]", n, ", ") + "]"),
    "lists joined": lambda n: body("let a = " + each("[1]", n, " + ")),
    "lists compared": lambda n: body("let a = range(1000)\n" + each("let b@ = a == a", n)),
    "indices": lambda n: body("let a = [" + each("@", n, ", ") + "]\n" + each("let b@ = a[@]", n)),
    "functions": lambda n: body("let a = max(" + each("@", n, ", ") + ")"),
    "conditional values": lambda n: body(each("let a@ = if 1 == 1 { 1 } else { 2 }", n)),
    "nested parentheses": lambda n: body(each("let a@ = " + "(" * 30 + "1" + ")" * 30, max(1, n // 30))),
    "nested lists": lambda n: body(each("let a@ = " + "[" * 30 + "1" + "]" * 30, max(1, n // 30))),
    "steps as values": lambda n: "block B(U) { U }\n" + body(each("B(conv(3, 1x1))", n)),
    "partials of partials": lambda n: "block B(U) { U }\n" + body(
        "let u0 = conv(size=1x1)\n" + each("let u^ = u@(out=3)", n) + f"\nB(u{n})"),
    "sizes": lambda n: body(each("conv(3, 1 x 1)", n)),
    "ops with many arguments": lambda n: body(
        each("conv(3, size=1x1, stride=1, pad=0, dilation=1, groups=1, bias=false)", n)),
    "comments": lambda n: body(each("# @", n)),
    "comments behind": lambda n: body(each("relu # @", n)),
    "a long comment": lambda n: body("# " + "x" * 100 * n),
    "comments in lists": lambda n: body("let a = [\n" + each("@, # @", n) + "\n1]"),
    "comments in lanes": lambda n: body("add {\n" + each("# @\n| relu # @", n) + "\n}"),
    "empty lines": lambda n: body("\n" * 20 * n),
    "spaces": lambda n: body(" " * 20 * n + "relu"),
    "indented": lambda n: body(each(" " * 60 + "relu", n)),
    "ignores": lambda n: body(each("relu # lint: ignore", n)),
    "ignores with rules": lambda n: body(each("relu # lint: ignore W501", n)),
    "ignores of many rules": lambda n: body("relu # lint: ignore " + each("W501", n, ", ")),
    "ignores on lines of their own": lambda n: body(each("# lint: ignore\nrelu", n)),
    "a long docstring": lambda n: '"""' + "word " * 100 * n + '"""\n' + body("relu"),
    "a docstring of lines": lambda n: '"""' + "word\n" * 10 * n + '"""\n' + body("relu"),
    "a docstring of quotes": lambda n: '"""' + 'a""b' * n + 'a"""\n' + body("relu"),
    "docstrings": lambda n: each('"""Text."""\nblock B@ { relu }', n),
    "wide docstring": lambda n: '"""' + "語" * 100 * n + '"""\n' + body("relu"),
    "notes": lambda n: body("relu\n" + each('expect params == 0 "note @"', n)),
    "a long note": lambda n: body("relu\nexpect params == 0 \"" + "x" * 100 * n + '"'),
    "a wide note": lambda n: body("relu\nexpect params == 0 \"" + "語" * 100 * n + '"'),
    "uses": lambda n: "use " + each("std.Stage", n, ", ") + "\n" + body("relu"),
    "use of one": lambda n: each("use std.Stage", n) + "\n" + body("relu"),
    "signatures": lambda n: each("block B@(c) : C x S x S -> C x S x S { relu }", n) + "\n" + body(each("B@(1)", n)),
    "recursion": lambda n: "block B(n) { if n > 0 { relu -> B(n - 1) } }\n" + body(each("B(30)", max(1, n // 30))),
    "drawn at random": lambda n: body(each("conv(3, 1x1) -> dropout(0.5)", n)),
    "flat": lambda n: "network A : 3 -> 3 {\n" + each("linear(3) -> relu", n) + "\n}\n",
    "shrinking": lambda n: f"network A : 3 x {n + 9} x {n + 9} -> _ x _ x _ {{\n" + each("maxpool(2x2, stride=1)", n)
    + "\n}\n",
    "convs of a dense block": lambda n: body("a0: conv(2, 1x1)\n" + each(
        "a^: { concat { | from a@ | conv(1, 1x1) } -> conv(2, 1x1) }", n)),
}  # fmt: skip

WRONG: dict[str, Shape] = {
    "unknown names": lambda n: body(each("name@", n)),
    "unknown names near a known one": lambda n: each("block known@ { relu }", n) + "\n" + body(each("knwon@", n)),
    "an unknown name among many": lambda n: each("block known@ { relu }", n) + "\n" + body("knwon7\n" * 200),
    "unknown values": lambda n: body(each("let value@ = 1", n) + "\n" + each("let b@ = vlaue@", n)),
    "unknown labels": lambda n: body(each("label@: relu", n) + "\n" + each("from lable@", n)),
    "unknown expects": lambda n: body(each("label@: relu", n) + "\n" + each("expect params(lable@) == 1", n)),
    "unknown inits": lambda n: body(each("label@: relu", n) + "\n" + each("init weight(lable@) = 1", n)),
    "unknown arguments": lambda n: "block B(" + each("param@ = 1", n, ", ") + ") { relu }\n"
    + body(each("B(parma@ = 1)", n)),
    "unknown keywords in one call": lambda n: "block B(" + each("param@ = 1", n, ", ") + ") { relu }\n"
    + body("B(" + each("parma@ = 1", n, ", ") + ")"),
    "unknown keywords unlike any": lambda n: "block B(" + each("param@ = 1", n, ", ") + ") { relu }\n"
    + body("B(" + each("zzzzzzzzz@ = 1", n, ", ") + ")"),
    "unknown names of letters": lambda n: "\n".join(f"block known{letters(i)} {{ relu }}" for i in range(n)) + "\n"
    + body("\n".join(f"knwon{letters(i)}" for i in range(n))),
    "unknown uses": lambda n: "use " + each("std.Name@", n, ", ") + "\n",
    "unknown imports": lambda n: each('import "file@.cnn"', n) + "\n",
    "unknown families": lambda n: each("network member@ = Family@", n) + "\n",
    "unknown metrics": lambda n: body("relu\n" + each("expect parms@ == 1", n)),
    "an unknown name often": lambda n: body("nome\n" * n),
    "a long unknown name": lambda n: body("a" * 100 * n),
    "defined twice": lambda n: "block B { relu }\n" * n,
    "labels used twice": lambda n: body("a: relu\n" * n),
    "labels of one pattern": lambda n: body(
        each("for i in range(2) { a@_{i}: relu }", n) + "\n" + each("from b@_1", n)),
    "patterns of missing labels": lambda n: body(
        each("for i in range(2) { a@_{i}: nome }", n) + "\n" + each("from a@_1", n)),
    "lets twice": lambda n: body("let a = 1\n" * n),
    "parameters twice": lambda n: "block B(" + each("a", n, ", ") + ") { relu }\n",
    "arguments twice": lambda n: body("conv(" + each("out=3", n, ", ") + ")"),
    "too many arguments": lambda n: body("relu(" + each("1", n, ", ") + ")"),
    "missing arguments": lambda n: "block B(" + each("p@", n, ", ") + ") { relu }\n" + body("B\n" * 8),
    "wrong kinds": lambda n: body(each('conv("x", 1x1)', n)),
    "wrong kinds of long lists": lambda n: body("let a = [" + each("@", n, ", ") + "]\n" + "conv(a, 1x1)\n" * 50),
    "wrong shapes": lambda n: body(each("conv(3, 9x9)", n)),
    "wrong lanes": lambda n: body(each("add { | | conv(4, 1x1) }", n)),
    "wrong lanes behind many steps": lambda n: body(each("relu", n) + "\n" + "add { | | conv(4, 1x1) }\n" * 50),
    "a wrong lane of many": lambda n: body("add {\n" + each("| relu", n) + "| conv(4, 1x1)\n}"),
    "wrong ascriptions": lambda n: body(each("relu :: 4 x 8 x 8", n)),
    "wrong signatures": lambda n: each(MAP.replace("A", "A@").replace("_ x _ x _", "4 x 8 x 8") + " { relu }", n),
    "wrong expects": lambda n: body("relu\n" + each("expect params == @ + 1", n)),
    "wrong expects of labels": lambda n: body(each("a@: relu", n) + "\n" + each("expect params(a@) == 1", n)),
    "wrong inits": lambda n: body("relu\n" + each("init weight = he", n)),
    "wrong initialisers": lambda n: body("conv(3, 1x1)\n" + each("init weight = hee", n)),
    "wrong members": lambda n: FAMILY + each("network m@ = F(c = 0)", n),
    "wrong network as a step": lambda n: "block B { conv(3, 9x9) }\n" + body(each("B", n)),
    "wrong calls": lambda n: "block B(n) { if n > 0 { B(n - 1) } else { conv(3, 9x9) } }\n"
    + body(each("B(30)", max(1, n // 30))),
    "wrong names in blocks called often": lambda n: "block B {\n" + each("nome", 9) + "\n}\n" + body("B\n" * n),
    "steps without an arrow": lambda n: body("a b\n" * n),
    "arguments without a comma": lambda n: body("conv(1 2)\n" * n),
    "lanes without bars": lambda n: body("add { relu }\n" * n),
    "open parentheses": lambda n: body("relu(\n" * n),
    "open brackets": lambda n: body("let a = [\n" * n),
    "open braces": lambda n: body("{\n" * min(n, 38) + "relu\n" * n),
    "closing braces": lambda n: body("relu\n" + "}\n" * n),
    "closing parentheses": lambda n: body("relu)\n" * n),
    "open quotes": lambda n: body('expect params == 1 "\n' * n),
    "an open docstring": lambda n: '"""' + "x\n" * 10 * n,
    "open docstrings": lambda n: '"""x\n"""y\n' * n,
    "docstrings of nothing": lambda n: '"""x"""\n' * n,
    "letters": lambda n: "a " * 10 * n,
    "signs": lambda n: body("$ " * 10 * n),
    "wide signs": lambda n: body("語 " * 10 * n),
    "curly quotes": lambda n: body("“a”\n" * n),
    "curly quotes on a line": lambda n: body("“a” " * n),
    "slashes": lambda n: body("// a\n" * n),
    "semicolons": lambda n: body("relu;\n" * n),
    "semicolons on a line": lambda n: body("relu; " * n),
    "one quotes": lambda n: body("'a' " * n),
    "equals": lambda n: body("a = 3\n" * n),
    "equals on a line": lambda n: body("a = 3 " * n),
    "junk blocks": lambda n: "block 3 {}\n" * n,
    "junk heads": lambda n: each("block B@(c c) { conv(c, 3) }", n) + "\n" + body(each("B@(3)", n)),
    "a long line with a mistake": lambda n: body("conv(3, " + "1 + " * 5 * n + ")"),
    "a long line of mistakes": lambda n: body("relu(1 2) -> " * n + "relu"),
    "a wide line with mistakes": lambda n: body(each('a@: nome -> a@x: conv("' + "語" * 10 + '")', n, " -> ")),
    "a wide string": lambda n: body('conv("' + "語" * 100 * n + '", 1x1)'),
    "wide strings": lambda n: body(each('conv("' + "語" * 10 + '", 1x1)', n)),
    "a combining string": lambda n: body('conv("e' + "\u0301" * 100 * n + '", 1x1)'),
    "a string of controls": lambda n: body('conv("' + "\u202e" * 100 * n + '", 1x1)'),
    "a string of spaces": lambda n: body('conv("' + " " * 100 * n + '", 1x1)'),
    "a string of words": lambda n: body('conv("' + "a " * 100 * n + '", 1x1)'),
    "tabs": lambda n: body("\t" * 100 * n + "nome"),
    "huge numbers": lambda n: body("conv(" + "9" * 100 * n + ", 1x1)"),
    "huge numbers on lines": lambda n: body(each("conv(" + "9" * 30 + ", 1x1)", n)),
    "huge indices": lambda n: body(each("a{" + "9" * 15 + "}: relu", n)),
    "else if in a row": lambda n: body("if 1 == 2 { relu }" + " else if 1 == 2 { relu }" * n),
    "minus signs": lambda n: body("let a = " + "-" * 10 * n + "1"),
    "nots": lambda n: body("if " + "not " * n + "1 == 1 { relu }"),
    "nested calls": lambda n: body(each("let a@ = " + "max(" * 30 + ")" * 30, max(1, n // 30))),
    "deep paths": lambda n: body("from " + "a." * 5 * n + "a"),
    "deep paths with indices": lambda n: body("from " + "a{1}." * n + "a"),
    "a long import": lambda n: 'import "' + "a/" * 10 * n + 'b.cnn"\n',
    "members of themselves": lambda n: each("network m@ = m@", n),
    "a circle of members": lambda n: each("network m@ = m^", n) + f"\nnetwork m{n} = m0\n",
    "a chain of members without end": lambda n: each("network m@ = m^", n) + "\n",
    "a wrong chain of members": lambda n: FAMILY + "network m0 = F(c = 0)\n" + each("network m^ = m@", n),
    "steps in members": lambda n: FAMILY + each("network m@ = F { relu }", n),
    "outputs twice": lambda n: body("output o: relu\n" * n),
    "misplaced": lambda n: body(each("a@: { output o: relu\nexpect params == 0\ninit weight = 1 }", n)),
}  # fmt: skip
