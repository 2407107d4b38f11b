"""Sizes: their values are those of integers, and their formulas say how they came about."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cnndsl.ir.graph import Graph
from cnndsl.ops import Layer, registry
from cnndsl.pipeline import from_text
from cnndsl.sizes import EVALUATED, Formula, Size, constant, formula_of, largest, smallest, symbol

NAMES = ("n", "k", "s")
formulas = st.recursive(
    st.integers(-4, 9).map(constant) | st.sampled_from(NAMES).map(symbol),
    lambda inner: st.builds(lambda o, a, b: Formula(o, None, (a, b)), st.sampled_from(sorted(EVALUATED)), inner, inner),
    max_leaves=8,
)
values = st.fixed_dictionaries({name: st.integers(1, 40) for name in NAMES})


def of_canonical(polynomial: Any, known: dict[str, int]) -> int:
    total = 0
    for monomial, coefficient in polynomial:
        for atom, power in monomial:
            if isinstance(atom, tuple):
                value = EVALUATED[atom[0]](of_canonical(atom[1], known), of_canonical(atom[2], known))
            else:
                value = known[atom]
            coefficient *= value**power
        total += coefficient
    return total


@given(formulas, values)
def test_the_canonical_form_has_the_same_value(formula: Formula, known: dict[str, int]) -> None:
    try:
        expected = formula.evaluate(known)
        form = formula.canonical
    except ZeroDivisionError:
        return
    assert of_canonical(form, known) == expected
    assert formula.symbols <= set(NAMES)


@given(values)
def test_arithmetic_is_that_of_integers(known: dict[str, int]) -> None:
    n, k, s = (Size(value, symbol(name)) for name, value in known.items())
    results = [(n + 2 - k) // s + 1, 3 - n, -n, -(-n // s), n % k, 7 % k, 100 // s, k * n * 2, largest(0, n - k),
               smallest(n, s), sum([n, k, s]), n**2, k**3]  # fmt: skip
    for result in results:
        assert formula_of(result).evaluate(known) == result
        assert isinstance(result, Size)


@pytest.mark.parametrize(
    ("one", "two"),
    [
        (lambda n, k: n + k, lambda n, k: k + n),
        (lambda n, k: (n + k) * 2, lambda n, k: 2 * k + n + n),
        (lambda n, k: 4 * n // 2, lambda n, k: n + n),
        (lambda n, k: 2 * n // (2 * k), lambda n, k: n // k),
        (lambda n, k: n - n, lambda n, k: 0),
        (lambda n, k: n**2 * k, lambda n, k: n * k * n),
        (lambda n, k: largest(n, k), lambda n, k: largest(k, n)),
        (lambda n, k: n * 6 % 3, lambda n, k: 0),
    ],
)
def test_equal_formulas_compare_equal(one: Any, two: Any) -> None:
    n, k = Size(12, symbol("n")), Size(5, symbol("k"))
    assert formula_of(one(n, k)) == formula_of(two(n, k))


def test_different_formulas_differ_though_their_values_agree() -> None:
    n, k = Size(4, symbol("n")), Size(2, symbol("k"))
    assert n == k * 2
    assert formula_of(n) != formula_of(k * 2)
    assert formula_of(n * 3 // 2) != formula_of(n // 2 * 3)


@pytest.mark.parametrize("name", sorted(registry))
def test_shape_rules_take_sizes_unchanged(name: str) -> None:
    """Each op's own rule over symbols gives formulas whose values are those of the rule over integers."""
    cls = registry[name]
    if not issubclass(cls, Layer):
        pytest.skip("joins lanes")
    node = next(n for n in _graph(cls).nodes if type(n.op) is cls)
    assert isinstance(node.op, Layer)
    symbols = tuple(Size(size, symbol(f"in.{axis}")) for axis, size in enumerate(node.input_shape))
    shape = node.op.infer(symbols)
    assert shape == node.shape
    known = {f"in.{axis}": size for axis, size in enumerate(node.input_shape)}
    assert tuple(formula_of(size).evaluate(known) for size in shape) == node.shape


def _graph(cls: type[Layer]) -> Graph:
    dims = " x ".join(map(str, cls.example_input))
    for result in ("_", "_ x _ x _"):
        spec = from_text(f"network n : {dims} -> {result} {{ {cls.example} }}")
        if not spec.check():
            return spec.graph()
    raise AssertionError(cls.name)


def test_a_size_can_be_copied() -> None:
    size = deepcopy(Size(12, symbol("n")) + 1)
    assert (size, formula_of(size)) == (13, formula_of(Size(12, symbol("n")) + 1))


def test_a_formula_may_be_deeper_than_python_recurses() -> None:
    size: int = Size(64, symbol("n"))
    for _ in range(3000):
        size = (size + 1) // 2 + 1
    assert formula_of(size).evaluate({"n": 64}) == size
