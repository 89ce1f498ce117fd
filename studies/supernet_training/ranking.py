"""How inherited accuracy ranks subnets, by the images that it is measured with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.utils import files
from studies.supernet_training.comparison import RESAMPLES, kendall_tau, tau_within
from studies.supernet_training.study import BASELINE, Study
from studies.supernet_training.subnets import scored_subnets, stage_of

RECALIBRATION = (32, 64, 128, 256, 512, 1024, 2048)
VALIDATION = (250, 500, 1000, 2500, 5000)
_BATCH = 256


def score_all(study: Study, folder: Path, seed: int, say: Callable[[str], None]) -> None:
    """Scores every cheap subnet with each number of recalibration images; a file for each number.

    Raises:
      ScaleNetError: where the baseline's super-supernet of this seed is not trained.
    """
    left = [images for images in RECALIBRATION if not _file(folder, seed, images).is_file()]
    if not left:
        return
    from scalenet_tf.data import open_data
    from scalenet_tf.data.resize import whole_batches
    from scalenet_tf.models.recalibration import SubnetEvaluator
    from scalenet_tf.training import load_supernet

    path = folder / "runs" / f"supernet_{BASELINE}_{seed}"
    if not (path / "supernet" / "done.json").is_file():
        raise ScaleNetError(
            f"a ranking needs the super-supernet {BASELINE!r} of seed {seed}, which {str(folder)!r} does not "
            "hold yet. Go on with: python -m studies.supernet_training run"
        )
    run = Run.open(path)
    data, evaluator = open_data(run), SubnetEvaluator(load_supernet(run))
    for number, images in enumerate(left, start=1):
        calibration = data.calibration_images(images, seed)
        right = {}
        for name, subnet in scored_subnets(run.space(), study.per_stage).items():
            if stage_of(name) is None:
                continue
            batches = whole_batches(calibration, subnet.resolution, min(_BATCH, images))
            statistics = evaluator.recalibrate(subnet, batches)
            validation = data.evaluation_batches(
                "validation", resolution=subnet.resolution, batch_size=_BATCH, limit=max(VALIDATION)
            )
            hits = [
                np.argmax(evaluator.logits(statistics, pixels), -1) == labels.numpy()
                for pixels, labels in validation
            ]
            # What so many of the first images say, and no more is asked.
            counts = np.cumsum(np.concatenate(hits))
            right[name] = [int(counts[min(most, len(counts)) - 1]) for most in VALIDATION]
        files.write_json(_file(folder, seed, images), {"right": right, "images": len(counts)})
        say(f"[{number}/{len(left)}] {images} recalibration images")


def markdown(study: Study, folder: Path) -> str:
    """Kendall's tau by both numbers, over all subnets and within stages; intervals for the largest.

    Raises:
      ScaleNetError: where nothing is scored.
    """
    rows: dict[int, list[dict[str, Any]]] = {}
    for images in RECALIBRATION:
        paths = [_file(folder, seed, images) for seed in range(study.seeds)]
        there = [files.read_json(path) for path in paths if path.is_file()]
        if there:
            rows[images] = there
    if not rows:
        raise ScaleNetError(
            f"{str(folder)!r} holds no scores yet. Make them with: "
            "python -m studies.supernet_training ranking"
        )
    names = list(rows[min(rows)][0]["right"])
    truth = np.array([files.read_json(folder / "items" / f"scratch_{n}.json")["accuracy"] for n in names])
    stages = np.array([stage_of(name) for name in names])
    head = " | ".join(f"{images:,}" for images in VALIDATION)
    lines = [
        f"| recalibration images | validation images: {head} |",
        "|---|" + "---|" * len(VALIDATION),
    ]
    for images, results in rows.items():
        cells = []
        for column, most in enumerate(VALIDATION):
            scores = [np.array([r["right"][n][column] for n in names]) / most for r in results]
            over = np.mean([kendall_tau(score, truth) for score in scores])
            within = np.mean([tau_within(score, truth, stages) for score in scores])
            cells.append(f"{over:.3f}, {within:.3f}")
        lines.append(f"| {images:,} | {' | '.join(cells)} |")
    largest = [np.array([r["right"][n][-1] for n in names]) for r in rows[max(rows)]]
    lines += ["", "| stage | subnets | tau | 95 % interval |", "|---|---|---|---|"]
    groups = {"all": np.ones(len(names), bool)}
    groups |= {f"s{stage}": stages == stage for stage in np.unique(stages)}
    for name, picked in groups.items():
        tau, low, high = _interval([score[picked] for score in largest], truth[picked])
        lines.append(f"| {name} | {picked.sum()} | {tau:.3f} | {low:.3f} to {high:.3f} |")
    lines += ["", f"Cells: tau over all, tau within a stage; {len(largest)} super-supernets, {BASELINE}."]
    return "\n".join(lines)


def _interval(scores: list[np.ndarray], truth: np.ndarray) -> tuple[float, float, float]:
    """Mean tau over the super-supernets; subnets are resampled for its interval."""
    rng, count = np.random.default_rng(0), len(truth)
    taus = []
    for _ in range(RESAMPLES):
        picks = np.bincount(rng.integers(0, count, count), minlength=count)
        taus.append(np.mean([kendall_tau(score, truth, picks) for score in scores]))
    low, high = np.quantile(taus, [0.025, 0.975])
    return float(np.mean([kendall_tau(score, truth) for score in scores])), float(low), float(high)


def _file(folder: Path, seed: int, images: int) -> Path:
    return folder / "ranking" / f"seed{seed}-{images:05}.json"
