"""Small texts that would take a careless compiler for ever, or all memory."""

from __future__ import annotations

from cnndsl.syntax.errors import MAX_BYTES, MAX_WORDS, words

HEAD = "network A : 3 x 8 x 8 -> _ x _ x _ {\n"


def body(text: str) -> str:
    return f"{HEAD}{text}\n}}\n"


def calls(text: str) -> str:
    return f"{text}\nnetwork A : 3 x 8 x 8 -> _ x _ x _ {{ B(1) }}\n"


FULL = MAX_BYTES - 200
LONG = 15_000


def full(piece: str) -> str:
    """A piece as often as a text may hold it."""
    return piece * min(FULL // len(piece), (MAX_WORDS - 100) // max(words(piece), 1))


def doubled(name: str, form: str) -> str:
    """``let``s, each of which holds the one before it twice."""
    lets = (f"let {name}{i + 1} = " + form.format(f"{name}{i or ''}") for i in range(60))
    return "\n".join([f"let {name} = [1]", *lets])


BOMBS: dict[str, str] = {
    "repeat": body("relu * 1_000_000_000"),
    "repeat_nested": body("{ { { relu * 1000 } * 1000 } * 1000 } * 1000"),
    "repeat_empty": body("{ {} * 100_000 } * 100_000"),
    "for_empty": body("for i in range(100_000) { for j in range(100_000) { } }"),
    "for_list": body("for i in range(1_000_000_000_000) { relu }"),
    "dense": body("dense 1_000_000_000 { relu }"),
    "dense_doubling": body("dense 100_000 { identity }"),
    "concat_doubling": body("\n".join(["concat { | | }"] * 80)),
    "lanes_loop": body("concat { for i in range(100_000) { for j in range(100_000) { | } } }"),
    "conditional": body("for i in range(100_000) { for j in range(1000) { if i == j { relu } } }"),
    "recursion": calls("block B(n) { B(n + 1) }"),
    "recursion_doubling": calls("block B(n) { B(n) -> B(n) }"),
    "recursion_lanes": calls("block B(n) { add { | B(n) | B(n) | B(n) } }"),
    "recursion_mutual": calls("block B(n) { C(n) C(n) }\nblock C(n) { B(n) -> B(n) }"),
    "recursion_bounded": calls("block B(n) { if n < 40 { B(n + 1) -> B(n + 1) } }"),
    "recursion_arguments": calls("block B(n) { B(B(n)) }"),
    "recursion_partial": calls("block B(n) { B(B(B(B(n)))) -> n(n) }"),
    "list_doubling": body(doubled("a", "{0} + {0}")),
    "list_of_lists": body(doubled("a", "[{0}, {0}]") + "\nconv(a60, 3)"),
    "list_equality": body(
        "\n".join([doubled("a", "[{0}, {0}]"), doubled("b", "[{0}, {0}]"), "if a60 == b60 { relu }"])
    ),
    "list_sum": body("let a = range(100_000)\nlet b = " + " + ".join(["sum(a)"] * 1000)),
    "string_doubling": body('let a = "aaaa"\nlet b = a + a'),
    "multiplication": body("let a = 10\n" + "\n".join(f"let a{i + 1} = a{i or ''} * a{i or ''}" for i in range(60))),
    "digits": body("let a = " + "9" * LONG),
    "float_large": body("let a = 1e308 * 10\nconv(a, 3)"),
    "float_infinite": body("let a = 1e999\nconv(a, 3)"),
    "float_floor": body("let a = floor(1e300 * 1e300)\nlet b = floor(1e308 * 10 - 1e308 * 10)\nconv(a // b, 3)"),
    "float_modulo": body("let a = 1e300 % 0.0\nlet b = 5 % 0\nlet c = 1e308 // 1e-308"),
    "float_suffix": body("let a = 1e308T"),
    "size_huge": body("conv(999_999_999_999_999_999, 3x3)"),
    "size_window": body("conv(1, 999_999_999_999_999_999x999_999_999_999_999_999)"),
    "pad_huge": body("maxpool(3, pad=1, stride=999_999_999_999_999)\nconv(4, 3, pad=999_999_999_999_999)"),
    "upsample": body("\n".join(["upsample(1_000_000)"] * 30)),
    "label_long": body("a" * LONG + ": relu"),
    "label_index": body("a{999_999_999_999_999_999}: relu\na{-1}: relu\na{1.5}: relu\na{[1]}: relu"),
    "label_pieces": body(full("a{1}b") + ": relu"),
    "label_pieces_open": body(full("a{1}b") + " relu"),
    "name_long": body("a" * FULL),
    "letters": "a" * FULL,
    "letters_apart": full("a "),
    "newlines": "\n" * FULL,
    "hashes": full("#"),
    "hash_lines": full("#\n"),
    "spaces": " " * FULL,
    "braces": full("{"),
    "braces_closing": full("}"),
    "braces_both": full("{}"),
    "quotes": full('"'),
    "quotes_odd": '"""' + '"' * 4 + "x" * (FULL - 10),
    "docstring_open": '"""' + "x" * FULL,
    "docstrings": full('""""""\n'),
    "backslashes": body('expect params == 1 "' + full("\\")),
    "spaces_and_hashes": (" " * 50 + "#\n") * (FULL // 60),
    "arguments_spaced": body("conv(" + "\n" * LONG + "64" + "\n" * LONG + ", 3)"),
    "colons": full(":"),
    "bars": body("concat {" + full("|") + "}"),
    "unknown_names": body("\n".join(f"name{i}" for i in range(19_000))),
    "one_unknown_name": body(full("nome\n")),
    "mistakes": body(full("a b\n")),
    "mistakes_in_arguments": body(full("conv(1 2)\n")),
    "open_parentheses": body("relu(\n" * 30 + "relu\n" * 50_000),
    "junk": full("block\n"),
    "junk_blocks": full("block 3 {}\n"),
    "many_blocks": "".join(f"block B{i} {{ relu }}\n" for i in range(15_900)),
    "chain_of_blocks": "".join(f"block B{i} {{ B{i + 1} }}\n" for i in range(15_000)) + "network A : 3 -> 3 { B0 }",
    "many_parameters": "block B(" + ", ".join(f"p{i}" for i in range(39_000)) + ") { relu }",
    "many_lets": body("\n".join(f"let a{i} = {i}" for i in range(19_000))),
    "many_labels": body("\n".join(f"a{i}: identity" for i in range(20_000))),
    "long_sum": body("let a = " + "1" + full("+1")),
    "long_list": body("let a = [" + full("1,") + "1]"),
    "long_chain": body(full("relu -> ") + "relu"),
    "long_import": 'import "' + "a/" * LONG + 'b.cnn"',
    "long_use": "use " + ", ".join(["std.Nothing"] * 20_000),
    "else_if": body("if 1 == 2 { relu }" + full(" else if 1 == 2 { relu }")),
    "signs": body("let a = " + full("-") + "1"),
    "nots": body("if " + full("not ") + "true { relu }"),
    "indices": body("let a = b" + full("[0]")),
    "parentheses": body("let a = " + "(" * LONG + "1" + ")" * LONG),
    "brackets": body("let a = " + "[" * LONG + "]" * LONG),
    "groups": body("{" * LONG + "}" * LONG),
    "merges": body("add{|" * LONG + "}" * LONG),
    "calls": body("let a = " + "f(" * LONG + ")" * LONG),
    "conditionals": body("let a = " + "if true { 1 } else { " * (LONG // 2) + "1" + "}" * (LONG // 2)),
    "groups_allowed": body("{" * 38 + "}" * 38),
    "parentheses_allowed": body("let a = " + "(" * 38 + "1" + ")" * 38),
    "calls_allowed": body("let a = " + "max(" * 38 + "1" + ")" * 38 + "\nconv(a, 3)"),
    "signature_names": "network A : 3 x H=4 x H=5 -> _ x _ x _ { relu }",
    "own_family": "network A = A",
    "own_families": "network A = B\nnetwork B = C\nnetwork C = A",
    "family_of_block": "block B { relu }\nnetwork A = B",
    "default_of_itself": "block B(n = n) { relu }\nnetwork A : 3 -> 3 { B }",
    "default_calls": "block B(n = B(B)) { n }\nnetwork A : 3 -> 3 { B }",
    "let_of_itself": body("let a = a\nconv(a, 3)"),
    "from_itself": body("a: from a"),
    "expectations": body("relu\n" + full("expect params == 0\n")),
    "expectations_of_much": body("relu * 100_000\n" + "expect macs == 0\n" * 5000),
}
