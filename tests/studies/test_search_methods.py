"""The comparison of searches: its arithmetic by hand, and every way to search on made-up scores."""

from __future__ import annotations

import fcntl
import hashlib
import queue
import threading
from pathlib import Path

import numpy as np
import pytest

from scalenet_tf.config import DataConfig
from scalenet_tf.costs.bases import encode
from scalenet_tf.sampling.feasible import meets_budget
from studies.common.items import FolderItems, PackedItems
from studies.common.statistics import contrasts, evaluations_to, holm
from studies.search_methods.comparison import METHODS, Comparison
from studies.search_methods.make_table import trained_run
from studies.search_methods.report import markdown, plot
from studies.search_methods.score_table import CountingScorer, ScoreTable
from studies.search_methods.states import all_states
from studies.search_methods.study import Study, table_space


def made_up(key: str) -> float:
    """A number in 0…1 that looks random and depends on the network alone."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:6], "big") / 2**48


@pytest.fixture(scope="module")
def table() -> ScoreTable:
    space = table_space()
    narrow = space.model_copy(update={"budget": space.budget.model_copy(update={"base_tolerance": 0.03})})
    states = all_states(narrow)
    return ScoreTable(states, {key: made_up(key) for key in states.subnets})


def test_states_are_feasible_and_their_optimum_is_that_of_all_of_them(table: ScoreTable) -> None:
    space = table.states.space
    bases = list(table.states.bases)
    assert 10 < len(bases) < 100
    assert meets_budget(space, encode(space, bases)).all()
    values = []
    for number in table.states.complete:
        menus = table.states.options[number]
        own = table.states.options[number][0][0].subnet
        for menu, stage in zip(menus, range(4), strict=True):
            assert len({option.key for option in menu}) == len(menu)
            for option in menu:
                ratio = _macs(option.subnet) / (_macs(own) * 2**stage)
                assert abs(ratio - 1) <= space.budget.stage_tolerance
        grids = np.meshgrid(*[[table.scores[o.key] for o in menu] for menu in menus])
        values.append(np.mean(grids, axis=0).max())
    assert table.optimum() == pytest.approx(max(values))
    assert table.independent_optimum() >= table.optimum()


def _macs(subnet: object) -> int:
    from scalenet_tf.costs.macs import cost

    return cost(subnet).macs  # type: ignore[arg-type]


def test_a_scorer_counts_networks_once_and_values_the_best_complete_family(table: ScoreTable) -> None:
    scorer = CountingScorer(table, most=5)
    base = table.states.options[table.states.complete[0]]
    scores = [scorer.score(menu[0]) for menu in base]
    scorer.score(base[1][0])
    assert len(scorer.curve) == 4 and np.isnan(scorer.curve[:3]).all()
    assert scorer.curve[3] == pytest.approx(np.mean(scores)) and not scorer.spent


@pytest.mark.parametrize("name", METHODS)
def test_a_search_climbs_below_its_optimum_and_repeats_itself(table: ScoreTable, name: str) -> None:
    method = METHODS[name]
    most = table.size // 5
    first, again = (np.array(method.search(table, method.parameters[-1], 3, most)) for _ in range(2))
    np.testing.assert_array_equal(first, again)
    assert len(first) <= most
    found = first[~np.isnan(first)]
    best = table.independent_optimum() if name == "independent" else table.optimum()
    assert 0.5 < found[-1] <= best + 1e-12
    if name != "compound":  # a better base may have a worse family
        assert (np.diff(found) >= 0).all()


def test_random_search_through_the_whole_table_ends_at_the_optimum(table: ScoreTable) -> None:
    curve = METHODS["random"].search(table, {}, 0, table.size)
    assert curve[-1] == pytest.approx(table.optimum())


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]


def test_contrasts_see_a_difference_and_none() -> None:
    rng = np.random.default_rng(0)
    ours = rng.normal(0.9, 0.01, (20, 2))
    values = {"ours": ours, "worse": ours - 0.05 + rng.normal(0, 0.001, ours.shape), "same": ours}
    pairs = [("ours", "worse"), ("ours", "same")]
    worse, _, same, _ = contrasts(values, pairs, (0.1, 0.2), rng)
    assert worse.low > 0.04 and worse.p < 0.01
    assert same.mean == 0 and same.p == 1


def test_evaluations_to_a_value() -> None:
    curve = np.array([np.nan, 0.1, 0.5, 0.5, 0.7])
    assert evaluations_to(curve, 0.5) == 3
    assert evaluations_to(curve, 0.8) == float("inf")


@pytest.mark.slow
def test_a_comparison_goes_on_and_reports(table: ScoreTable, tmp_path: Path) -> None:
    study = Study.quick(DataConfig()).model_copy(update={"seeds": 2})
    methods = ("mcea", "random", "independent")
    comparison = Comparison(study, table, FolderItems(tmp_path), methods)
    for name in ("mcea", "random"):
        comparison.curves(name)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*.json")}
    continued = Comparison(study, table, FolderItems(tmp_path), methods)
    continued.run(lambda line: None)
    assert {path: path.stat().st_mtime_ns for path in before} == before
    text = markdown(continued)
    # Without a folder, the curves that are missing are made in memory.
    items = FolderItems(tmp_path)
    names = [name for method in ("mcea", "random") for name in items.names(f"curves/{method}")]
    packed = PackedItems({name: items[name] for name in names})
    assert markdown(Comparison(study, table, packed, methods)) == text
    assert all(f"| {name} |" in text for name in methods)
    assert "| mcea less random | 5% |" in text
    plot(comparison, tmp_path / "plot.svg")
    assert (tmp_path / "plot.svg").read_text().startswith("<?xml")


@pytest.mark.slow
def test_processes_that_share_a_table_train_once(tmp_path: Path) -> None:
    study = Study.quick(DataConfig())
    said: queue.Queue[str] = queue.Queue()
    with open(tmp_path / "training.lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        waiting = threading.Thread(target=trained_run, args=(study, tmp_path, said.put))
        waiting.start()
        assert "waiting for it" in said.get(timeout=60)
        assert not (tmp_path / "run").exists()
    waiting.join(timeout=300)
    done = tmp_path / "run" / "supernet" / "done.json"
    before = done.stat().st_mtime_ns
    trained_run(study, tmp_path, said.put)
    assert said.empty() and done.stat().st_mtime_ns == before


def test_the_super_supernet_is_trained_as_that_of_the_finished_study() -> None:
    supernet = Study().run_config().supernet
    assert (supernet.sharing, supernet.draw, supernet.stage_weights) == ("op", "free", "widths")
