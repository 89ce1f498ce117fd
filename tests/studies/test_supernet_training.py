"""The study of training switches: its statistics by hand, its subnets and variants, and a tiny run of it."""

from __future__ import annotations

import itertools
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import yaml

from scalenet_tf.costs.macs import cost
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.space import SearchSpace
from studies.common.sharing import part_of
from studies.families.training_budget import forward_macs, step_macs, steps_within
from studies.supernet_training.statistics import (
    kendall_tau,
    resolution_bias,
    tau_ceiling,
    tau_interval,
    tau_within,
)
from studies.supernet_training.study import VARIANTS, Study
from studies.supernet_training.subnets import scored_subnets, stage_of
from tests.helpers.networks import TINY_SPACE

TINY = SearchSpace.model_validate(yaml.safe_load(TINY_SPACE))
RNG = np.random.default_rng(0)


def tau_by_pairs(x: np.ndarray, y: np.ndarray) -> float:
    pairs = list(itertools.combinations(range(len(x)), 2))
    agree = sum(np.sign(x[i] - x[j]) * np.sign(y[i] - y[j]) for i, j in pairs)
    of_x, of_y = (sum(z[i] != z[j] for i, j in pairs) for z in (x, y))
    return float(agree / np.sqrt(of_x * of_y))


def test_tau_is_that_of_all_pairs_ties_and_repetitions_included() -> None:
    x, y = RNG.integers(0, 6, 12).astype(float), RNG.integers(0, 6, 12).astype(float)
    assert kendall_tau(x, y) == pytest.approx(tau_by_pairs(x, y))
    assert kendall_tau(x, x) == pytest.approx(1) and kendall_tau(x, -x) == pytest.approx(-1)
    assert kendall_tau(x, np.zeros(12)) == 0
    counts = RNG.integers(0, 3, 12)
    repeated = kendall_tau(np.repeat(x, counts), np.repeat(y, counts))
    assert kendall_tau(x, y, counts) == pytest.approx(repeated)


def test_tau_within_groups_is_blind_to_differences_between_them() -> None:
    groups = np.repeat([0, 1], 4)
    x = np.array([1.0, 2, 3, 4, 11, 12, 13, 14])
    y = np.array([4.0, 3, 2, 1, 14, 13, 12, 11])
    assert tau_within(x, y, groups) == pytest.approx(-1)
    assert kendall_tau(x, y) > 0


def test_the_interval_of_tau_tells_a_ranking_from_noise() -> None:
    truth, groups = np.arange(40.0), np.repeat(np.arange(4), 10)
    truths = truth + RNG.normal(0, 0.5, (3, 40))
    good, noise = truth + RNG.normal(0, 1, (3, 40)), RNG.normal(0, 1, (3, 40))
    ranked, random = tau_interval(good, truths, groups), tau_interval(noise, truths, groups)
    by_hand = np.mean([tau_within(row, truths.mean(0), groups) for row in good])
    assert ranked.value == pytest.approx(by_hand) and 0 < ranked.low < ranked.value < ranked.high
    assert random.low < 0 < random.high
    ceiling = tau_ceiling(truths, groups)
    first = tau_within(truths[0], truths[1:].mean(0), groups)
    assert ceiling is not None and abs(ceiling - first) < 0.2 < ceiling
    assert tau_ceiling(truths[:1], groups) is None


def test_a_bias_is_between_resolutions_of_one_stage() -> None:
    stages, resolutions = np.array([0, 0, 1, 1, 1, 1]), np.array([16, 16, 18, 18, 20, 20])
    gaps = np.array([0.3, 0.1, 0.01, 0.03, -0.02, 0.0])
    assert resolution_bias(gaps, stages, resolutions) == pytest.approx(0.03)
    assert resolution_bias(gaps + 0.2, stages, resolutions) == pytest.approx(0.03)
    assert resolution_bias(gaps, stages, np.full(6, 16)) == 0


def test_shares_are_all_of_the_work_and_none_twice() -> None:
    shares = [item for k in (1, 2, 3) for item in part_of(range(11), f"{k}/3")]
    assert sorted(shares) == list(range(11))
    assert part_of(range(11), "1/1") == list(range(11))
    for wrong in ("0/2", "3/2", "1", "a/b", "-1/2"):
        with pytest.raises(ScaleNetError, match="`share` must be K/N"):
            part_of(range(11), wrong)


def test_families_spend_a_budget_of_multiply_adds() -> None:
    study = Study(steps=300)
    macs = forward_macs(TINY, study.supernet("op-free-widths"), 0, 300)
    assert steps_within(TINY, study.supernet("op-free-widths"), 0, macs) == 300
    config = study.supernet("slot-budget-sandwich")
    steps = steps_within(TINY, config, 0, macs)
    largest = max(step_macs(TINY, config, 0, step) for step in range(steps + 1))
    assert abs(forward_macs(TINY, config, 0, steps) - macs) <= largest / 2 and steps < 150


@pytest.mark.parametrize("variant", VARIANTS)
def test_a_variant_is_a_valid_training_of_its_name(variant: str) -> None:
    config = Study(steps=100).supernet(variant)
    sharing, draw = variant.split("-")[:2]
    assert (config.sharing, config.draw) == (sharing, draw)
    assert config.steps == round(100 * VARIANTS[variant].steps)
    assert (config.sandwich is not None) == variant.endswith("sandwich")


def test_subnets_are_within_the_budgets_distinct_and_of_every_resolution() -> None:
    space = load_space("small")
    subnets = scored_subnets(space, 8)
    assert [stage_of(name) for name in subnets] == [0] * 8 + [1] * 8 + [2] * 8 + [3] * 8
    assert len({subnet.key for subnet in subnets.values()}) == 32
    assert subnets == scored_subnets(space, 8)
    budget = space.budget
    for name, subnet in subnets.items():
        tolerance = (1 + budget.base_tolerance) * (1 + budget.stage_tolerance)
        times = cost(subnet).macs / (budget.macs * budget.growth ** stage_of(name))
        assert 1 / (tolerance * 1.02) < times < tolerance
    seen = {subnet.resolution for name, subnet in subnets.items() if stage_of(name) == 2}
    assert len(seen) == len(space.menus[2].resolution)


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_tiny_study_goes_on_where_it_was_stopped_and_reports(tmp_path: Path) -> None:
    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "studies.supernet_training", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)

    folder, file = str(tmp_path), str(tmp_path / "packed.jsonl")
    quick = ("run", "--output", folder, "--source", "bundled", "--quick")
    first = call(*quick, "--items", "2")
    assert first.returncode == 0, first.stderr
    early = call("report", folder)
    assert early.returncode == 1 and "the trainings from scratch of seed 0" in early.stderr
    kept = {path: path.stat().st_mtime_ns for path in tmp_path.glob("s*/*.json")}
    assert len(kept) == 2
    second = call(*quick)
    assert second.returncode == 0, second.stderr
    assert "2 of 6 items are done" in second.stdout and "all done" in second.stdout
    after = {path: path.stat().st_mtime_ns for path in tmp_path.glob("s*/*.json")}
    assert len(after) == 6 and kept.items() <= after.items()
    report = call("report", folder)
    assert report.returncode == 0, report.stderr
    assert "| op-free-widths | 1 | 8 |" in report.stdout and "| fewer blocks |" in report.stdout
    assert call("pack", folder, file).returncode == 0
    assert call("report", file).stdout == report.stdout
    refused = call("run", "--output", folder, "--source", "bundled", "--seeds", "2")
    assert refused.returncode == 1 and "holds another study" in refused.stderr
