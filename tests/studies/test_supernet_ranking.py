"""The study of ranks in a public table: its statistics by hand, its report, and a tiny run of it."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from scalenet_tf.config import DataConfig
from studies.common.items import FolderItems
from studies.common.rank_correlation import kendall_tau
from studies.supernet_ranking.__main__ import app
from studies.supernet_ranking.items import NETWORKS, supernet_item
from studies.supernet_ranking.ranking import Networks, ranking, seed_to_others, seed_to_seed, top_share
from studies.supernet_ranking.study import KIND, Study
from tests.helpers.image_folder import write_image
from tests.helpers.public_data import public_data

RNG = np.random.default_rng(0)
TABLE = "nas_bench_macro/nas-bench-macro_cifar10.json"


def networks(count: int = 40) -> Networks:
    truth = RNG.normal(0.9, 0.01, count)
    accuracies = truth + RNG.normal(0, 0.001, (3, count))
    return Networks(tuple(map(str, range(count))), accuracies, RNG.integers(20, 100, count), np.arange(count))


def test_tau_of_like_networks_counts_their_pairs_alone() -> None:
    made = networks()
    values = RNG.normal(size=40)
    pairs = [
        (i, j)
        for i, j in itertools.combinations(range(40), 2)
        if max(made.macs[i], made.macs[j]) <= 1.05 * min(made.macs[i], made.macs[j])
    ]
    agree = sum(np.sign(values[i] - values[j]) * np.sign(made.truth[i] - made.truth[j]) for i, j in pairs)
    found = ranking(made, values)
    assert found.near.value == pytest.approx(agree / len(pairs)) and 20 < len(pairs) < 400
    assert found.everywhere.value == pytest.approx(kendall_tau(values, made.truth))
    assert found.near.low < found.near.value < found.near.high


def test_the_truth_ranks_itself_and_seeds_rank_each_other_nearly() -> None:
    made = networks()
    perfect = ranking(made, made.truth)
    assert (perfect.everywhere.value, perfect.near.value, perfect.top) == pytest.approx((1, 1, 1))
    assert 0.7 < seed_to_seed(made, None) < seed_to_others(made, None) < 1


def test_the_top_share_is_of_the_best_twentieth() -> None:
    truth = np.arange(40.0)
    assert top_share(truth, truth) == 1 and top_share(truth, -truth) == 0
    values = truth.copy()
    values[0] = 100  # takes one of the two best places
    assert top_share(truth, values) == 0.5


def test_the_report_needs_the_items_alone(tmp_path: Path) -> None:
    study = Study(data=DataConfig(), digest="0", sharings=("slot",), steps=(4, 8))
    items = KIND.begin(tmp_path, study)
    early = CliRunner().invoke(app, ["report", str(tmp_path)])
    assert "the study has scored nothing" in str(early.exception)
    made = networks(20)
    facts = {
        code: {"accuracies": made.accuracies[:, n].tolist(), "macs": int(made.macs[n]), "parameters": n}
        for n, code in enumerate(made.codes)
    }
    items.record(NETWORKS, lambda: {"networks": facts})
    _score(items, made)
    printed = CliRunner().invoke(app, ["report", str(tmp_path)]).output
    mean = f"{100 * made.truth.mean():.1f} %"
    assert f"| sharing slot, 8 steps | 0.5 | 12 | {mean} |" in printed and "slot, 4 steps" not in printed
    assert " | 1.00 (1.00 to 1.00) | 1.00 (1.00 to 1.00) | 100 % |" in printed
    assert "| fewer parameters |" in printed and "20 networks" in printed


def _score(items: FolderItems, made: Networks) -> None:
    accuracy = dict(zip(made.codes, made.truth.tolist(), strict=True))
    item = {"steps": 8, "epochs": 0.5, "training_cpu_seconds": 12.0, "accuracy": accuracy}
    items.write(supernet_item("slot", 8), item)


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_a_tiny_study_goes_on_where_it_was_stopped(tmp_path: Path) -> None:
    def call(*arguments: str) -> str:
        command = [sys.executable, "-m", "studies.supernet_ranking", *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    table, images = str(public_data(TABLE)), tmp_path / "images"
    for label in range(10):  # as many as in the table
        (images / f"class{label}").mkdir(parents=True)
    for number in range(400):
        pixels = RNG.integers(0, 256, (32, 32, 3)).astype(np.uint8)
        write_image(images / f"class{number % 10}/{number}.png", pixels)
    run = ("run", table, "--output", str(tmp_path / "study"), "--source", f"folder:{images}", "--quick")
    assert "[2/2] supernet/slot_2" in call(*run)
    assert "2 of 2 items are done" in call(*run)
    scores = json.loads((tmp_path / "study/supernet/slot_2.json").read_text())["accuracy"]
    assert len(scores) == 20 and all(0 <= score <= 1 for score in scores.values())
    report = call("report", str(tmp_path / "study"))
    call("pack", str(tmp_path / "study"), str(tmp_path / "packed.jsonl"))
    assert call("report", str(tmp_path / "packed.jsonl")) == report
