"""How well inherited accuracy ranks subnets, by the number of images that measure it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run import Run
from studies.common.items import FolderItems, Items
from studies.supernet_training.statistics import RESAMPLES, kendall_tau, tau_within
from studies.supernet_training.study import BASELINE, Study
from studies.supernet_training.subnets import scored_subnets, stage_of

if TYPE_CHECKING:
    from scalenet_tf.data import DataSet
    from scalenet_tf.models.recalibration import SubnetEvaluator
    from scalenet_tf.space import Subnet

RECALIBRATION = (32, 64, 128, 256, 512, 1024, 2048)
VALIDATION = (250, 500, 1000, 2500, 5000)
_BATCH = 256


def missing_scores(items: Items, seeds: Iterable[int]) -> bool:
    """Whether the super-supernet of some seed has not scored the subnets with each number of images."""
    return any(_item(seed, images) not in items for seed in seeds for images in RECALIBRATION)


def score_all(study: Study, items: FolderItems, seed: int, say: Callable[[str], None]) -> None:
    """Scores every cheap subnet with each number of recalibration images, one item per number.

    Args:
      study: The study.
      items: Its folder.
      seed: Seed of the super-supernet of the baseline.
      say: Prints a line of progress.

    Raises:
      ScaleNetError: If that super-supernet is not trained.
    """
    left = [images for images in RECALIBRATION if _item(seed, images) not in items]
    if not left:
        return
    from scalenet_tf.data import open_data
    from scalenet_tf.models.recalibration import SubnetEvaluator
    from scalenet_tf.training import load_supernet

    path = items.folder / "runs" / f"supernet_{BASELINE}_{seed}"
    if not (path / "supernet" / "done.json").is_file():
        raise ScaleNetError(
            f"a ranking needs the super-supernet {BASELINE!r} of seed {seed}, which {str(items.folder)!r} "
            "does not hold yet. Continue it with: python -m studies.supernet_training run"
        )
    run = Run.open(path)
    data, evaluator = open_data(run), SubnetEvaluator(load_supernet(run))
    for number, images in enumerate(left, start=1):
        calibration = data.calibration_images(images, seed)
        right, count = {}, 0
        for name, subnet in scored_subnets(run.space(), study.per_stage).items():
            if stage_of(name) is not None:
                right[name], count = _correct(evaluator, data, subnet, calibration)
        items.write(_item(seed, images), {"right": right, "images": count})
        say(f"[{number}/{len(left)}] {images} recalibration images")


def _correct(
    evaluator: SubnetEvaluator, data: DataSet, subnet: Subnet, calibration: Any
) -> tuple[list[int], int]:
    """How many of the first validation images are classified correctly, for each number in `VALIDATION`.

    Returns:
      These numbers, and the number of validation images that there are.
    """
    from scalenet_tf.data.resize import whole_batches

    size = min(_BATCH, len(calibration))
    statistics = evaluator.recalibrate(subnet, whole_batches(calibration, subnet.resolution, size))
    validation = data.evaluation_batches(
        "validation", resolution=subnet.resolution, batch_size=_BATCH, limit=max(VALIDATION)
    )
    hits = [
        np.argmax(evaluator.logits(statistics, pixels), -1) == labels.numpy() for pixels, labels in validation
    ]
    counts = np.cumsum(np.concatenate(hits))
    return [int(counts[min(most, len(counts)) - 1]) for most in VALIDATION], len(counts)


def markdown(study: Study, items: Items) -> str:
    """Tables of Kendall's tau by both numbers of images, and of its intervals with the largest numbers.

    Args:
      study: The study.
      items: Its finished items.

    Raises:
      ScaleNetError: If nothing is scored.
    """
    rows: dict[int, list[dict[str, Any]]] = {}
    for images in RECALIBRATION:
        scored = [items.get(_item(seed, images)) for seed in range(study.seeds)]
        if there := [item for item in scored if item is not None]:
            rows[images] = there
    if not rows:
        raise ScaleNetError(
            "the study holds no scores for a ranking yet. Make them with: "
            "python -m studies.supernet_training ranking"
        )
    names = list(rows[min(rows)][0]["right"])
    truth = np.array([items[f"items/scratch_{name}"]["accuracy"] for name in names])
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
    """Mean tau over the super-supernets and its 95 % interval, by resampling the subnets."""
    rng, count = np.random.default_rng(0), len(truth)
    taus = []
    for _ in range(RESAMPLES):
        picks = np.bincount(rng.integers(0, count, count), minlength=count)
        taus.append(np.mean([kendall_tau(score, truth, picks) for score in scores]))
    low, high = np.quantile(taus, [0.025, 0.975])
    return float(np.mean([kendall_tau(score, truth) for score in scores])), float(low), float(high)


def _item(seed: int, images: int) -> str:
    return f"ranking/seed{seed}-{images:05}"
