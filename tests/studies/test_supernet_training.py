"""The study of training switches: its statistics by hand, its budget exactly, and a tiny run of it."""

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
from scalenet_tf.space import SearchSpace
from scalenet_tf.utils import files
from studies.common.sharing import part_of
from studies.supernet_training.items import supernet_config
from studies.supernet_training.statistics import accuracy_difference, kendall_tau, tau_difference, tau_within
from studies.supernet_training.study import VARIANTS, Study
from studies.supernet_training.subnets import scored_subnets, stage_of
from studies.supernet_training.training_budget import step_macs, steps_within, training_macs
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


def test_intervals_cover_a_real_difference_and_none() -> None:
    theirs = RNG.random((3, 2000)) < 0.8
    ours = theirs | (RNG.random((3, 2000)) < 0.1)  # 2 points better, the same images
    found = accuracy_difference(ours, theirs, np.random.default_rng(1))
    assert found.mean == pytest.approx(ours.mean() - theirs.mean())
    assert found.excludes_zero and 0.01 < found.low < found.mean < found.high < 0.03
    same = accuracy_difference(theirs, RNG.random((3, 2000)) < 0.8, np.random.default_rng(1))
    assert not same.excludes_zero
    truth, groups = np.arange(24.0), np.repeat(np.arange(4), 6)
    good, bad = (truth + RNG.normal(0, noise, (3, 24)) for noise in (0.3, 30))
    over_all, within = tau_difference(good, bad, truth, groups, np.random.default_rng(1))
    assert over_all.excludes_zero and within.excludes_zero and over_all.low > 0
    nothing, _ = tau_difference(good, good, truth, groups, np.random.default_rng(1))
    assert (nothing.low, nothing.mean, nothing.high) == (0, 0, 0)


def test_shares_are_all_of_the_work_and_none_twice() -> None:
    shares = [item for k in (1, 2, 3) for item in part_of(range(11), f"{k}/3")]
    assert sorted(shares) == list(range(11))
    assert part_of(range(11), "1/1") == list(range(11))
    for wrong in ("0/2", "3/2", "1", "a/b", "-1/2"):
        with pytest.raises(ScaleNetError, match="`share` must be K/N"):
            part_of(range(11), wrong)


@pytest.mark.parametrize("variant", VARIANTS)
def test_variants_spend_the_same_multiply_adds(variant: str) -> None:
    study = Study(steps=300)
    macs = training_macs(TINY, supernet_config(study, "widths", 300), 0, 300)
    assert steps_within(TINY, supernet_config(study, "widths", 1), 0, macs) == 300
    steps = steps_within(TINY, supernet_config(study, variant, 1), 0, macs)
    config = supernet_config(study, variant, steps)
    largest = max(step_macs(TINY, config, 0, step) for step in range(steps + 1))
    assert abs(training_macs(TINY, config, 0, steps) - macs) <= largest / 2
    if "space" in variant:
        assert steps < 150


def test_subnets_are_cheap_for_their_stage_and_of_every_stage() -> None:
    subnets = scored_subnets(TINY, 8)
    stages = [stage_of(name) for name in subnets]
    assert stages == [None] * 3 + [0] * 8 + [1] * 8 + [2] * 8
    assert len({subnet.key for subnet in list(subnets.values())[3:]}) == 24
    macs = {name: cost(subnet).macs for name, subnet in subnets.items()}
    assert macs["smallest"] == min(macs.values()) and macs["largest"] == max(macs.values())
    assert macs["s2-00"] <= macs["s2-07"]


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_a_tiny_study_goes_on_where_it_was_stopped_and_reports(tmp_path: Path) -> None:
    def call(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "studies.supernet_training", *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=900, check=False)

    folder, file = str(tmp_path), str(tmp_path / "packed.jsonl")
    quick = ("run", "--output", folder, "--source", "bundled", "--quick")
    first = call(*quick, "--items", "7")
    assert first.returncode == 0, first.stderr
    assert "[7/9] scratch_s3-00" in first.stdout
    early = call("report", folder)
    assert early.returncode == 1 and "which holds 7 from scratch and 0 super-supernets" in early.stderr
    kept = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "items").iterdir()}
    second = call(*quick)
    assert second.returncode == 0, second.stderr
    assert "7 of 9 items are done" in second.stdout and "all done" in second.stdout
    after = {path.name: path.stat().st_mtime_ns for path in (tmp_path / "items").iterdir()}
    assert len(after) == 9 and kept.items() <= after.items()
    plain, other = (
        files.read_json(tmp_path / "items" / f"supernet_{variant}_0.json")["training_macs"]
        for variant in ("widths", "sandwich-space-distilled")
    )
    assert plain / 3 < other < 3 * plain  # eight steps against one or two
    report = call("report", folder)
    assert report.returncode == 0, report.stderr
    assert report.stdout.count("| widths | average |") == 2
    assert report.stdout.count("| sandwich-space-distilled | last |") == 2
    ranking = call("ranking", folder, "--seed", "0")
    assert ranking.returncode == 0, ranking.stderr
    assert "| 2,048 |" in ranking.stdout and "| all | 4 |" in ranking.stdout
    assert call("pack", folder, file).returncode == 0
    assert call("report", file).stdout == report.stdout
    assert call("ranking", file).stdout == ranking.stdout
    refused = call("run", "--output", folder, "--source", "bundled", "--seeds", "2")
    assert refused.returncode == 1 and "holds another study" in refused.stderr
