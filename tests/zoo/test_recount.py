"""The zoo's figures against a second count, by arithmetic on what papers and authors' files say."""

from __future__ import annotations

from functools import cache

import pytest

from cnndsl.analysis.metrics import macs, params
from tests.reference import zoo_graph, zoo_names
from tests.zoo import papers, residual_papers
from tests.zoo.arithmetic import Count


@cache
def second_count() -> dict[str, Count]:
    families = (papers.early, papers.vggs, papers.inceptions, papers.others)
    found = residual_papers.residual() | residual_papers.dense()
    for family in families:
        found |= family()
    return found


def test_every_network_is_counted_twice() -> None:
    assert second_count().keys() == set(zoo_names())


@pytest.mark.parametrize("name", zoo_names())
def test_figures(name: str) -> None:
    count, nodes = second_count()[name], zoo_graph(name).nodes
    assert (params(nodes), macs(nodes)) == (count.params, count.macs)
