from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from scalenet_tf.costs.latency import predict_ms
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.search.pareto_archive import ParetoArchive
from scalenet_tf.search.values import Evaluation, Scored
from tests.helpers.made_up import made_up_table

SPACE = load_space("small")
DRAW = draw_subnet(SPACE, 0, 0)
TABLE = made_up_table(SPACE)
SUBNETS = [draw_subnet(SPACE, 0, step) for step in range(8)]


def scored(number: int, macs: int, score: float) -> Scored:
    return Scored(Evaluation(number, DRAW.scaling_stage, DRAW.base, DRAW.scaling, SPACE, macs), score)


points = st.lists(st.tuples(st.integers(1, 8), st.integers(0, 8)), max_size=30)


@given(points, st.randoms(use_true_random=False))
def test_it_holds_what_nothing_beats_in_any_order(values: list[tuple[int, int]], random: object) -> None:
    items = [scored(number, macs, score / 8) for number, (macs, score) in enumerate(values)]

    def beats(one: Scored, other: Scored) -> bool:
        mine, its = one.evaluation.macs, other.evaluation.macs
        if (mine, one.score) == (its, other.score):
            return one.evaluation.number < other.evaluation.number
        return mine <= its and one.score >= other.score

    expected = [item for item in items if not any(beats(other, item) for other in items)]
    expected.sort(key=lambda item: item.evaluation.macs)
    shuffled = list(items)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    for order in (items, shuffled):
        archive = ParetoArchive()
        for item in order:
            archive.add(item)
        assert list(archive.items) == expected


triples = st.lists(st.tuples(st.integers(1, 4), st.integers(0, 7), st.integers(0, 4)), max_size=30)


@given(triples, st.randoms(use_true_random=False))
def test_with_a_table_latency_is_a_third_thing_to_be_beaten_in(
    values: list[tuple[int, int, int]], random: object
) -> None:
    items = [
        Scored(Evaluation(number, d.scaling_stage, d.base, d.scaling, SPACE, macs), score / 4)
        for number, (macs, index, score) in enumerate(values)
        for d in [SUBNETS[index]]
    ]

    def qualities(item: Scored) -> tuple[float, float, float]:
        return -item.evaluation.macs, -predict_ms(TABLE, item.evaluation.subnet), item.score

    def beats(one: Scored, other: Scored) -> bool:
        mine, its = qualities(one), qualities(other)
        if mine == its:
            return one.evaluation.number < other.evaluation.number
        return all(m >= i for m, i in zip(mine, its, strict=True))

    expected = [item for item in items if not any(beats(other, item) for other in items)]
    random.shuffle(items)  # type: ignore[attr-defined]
    archive = ParetoArchive(TABLE)
    for item in items:
        archive.add(item)
    assert {item.evaluation.number for item in archive.items} == {i.evaluation.number for i in expected}
    costs = [(item.evaluation.macs, -qualities(item)[1]) for item in archive.items]
    assert costs == sorted(costs)
