"""A search of milliseconds through real files; as a script, one that is killed again and again."""

from __future__ import annotations

import hashlib
import os
import random
import shutil
import signal
import sys
import time
from pathlib import Path
from typing import Any

from scalenet_tf.config import RunConfig, SearchConfig
from scalenet_tf.run import Run
from scalenet_tf.run.data_info import DataInfo
from scalenet_tf.search.confirmation import TrainingImages
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.step import run_search
from scalenet_tf.space import Criteria, SearchSpace, Subnet
from scalenet_tf.space.criteria import NO_CRITERIA
from scalenet_tf.utils import files
from scalenet_tf.utils.value_file import write_value

SPACE = SearchSpace.model_validate(
    {
        "name": "tiny",
        "channels": 1,
        "classes": 10,
        "stem_width": 8,
        "stages": [
            {"depth": [1, 3], "stride": 2, "width": 8, "ops": {"kernel": [3, 5, 7], "expansion": [3]}},
            {"depth": [2, 4], "stride": 2, "width": 16, "ops": {"kernel": [3, 5, 7], "expansion": [3]}},
        ],
        "head_width": 32,
        "menus": [
            {"depth": [1.0], "width": [1.0], "resolution": [32]},
            {"depth": [1.0, 1.34], "width": [1.0, 1.2, 1.3], "resolution": [32, 36, 40]},
        ],
        "budget": {"macs": 500_000, "base_tolerance": 0.2, "stage_tolerance": 0.15},
    }
)
CONFIG = SearchConfig(rounds=2, start_bases=2, population=6, generations=3)
CONFIRMED = CONFIG.model_copy(update={"confirm": 4, "confirm_epochs": 3})
IMAGES = 100
SUPERNET = "0123456789abcdef"


def score(subnet: Subnet) -> float:
    """A pure function of the subnet that looks like an accuracy."""
    return int(hashlib.sha256(subnet.key.encode()).hexdigest()[:8], 16) / 2**32


class MadeUpTraining:
    """A trainer of finalists with accuracies that are a pure function of subnet and scaling stage."""

    digest = "made up"

    def __init__(self, seconds: float = 0.0) -> None:
        self.seconds = seconds

    def images(self, scaling_stage: int) -> TrainingImages:
        return TrainingImages(trained=1000 * (scaling_stage + 1), evaluated=10)

    def accuracy(self, subnet: Subnet, scaling_stage: int) -> float:
        time.sleep(self.seconds)
        return int(hashlib.sha256(f"{subnet.key} {scaling_stage}".encode()).hexdigest()[:8], 16) / 2**32


def finished(search: Mcea) -> Mcea:
    """Runs a search to its end."""
    while not search.finished:
        evaluation = search.ask()
        assert evaluation is not None
        search.tell(evaluation.number, score(evaluation.subnet))
    return search


def result_of(path: Path) -> dict[str, Any]:
    """A result.json without `environment`, which differs from run to run."""
    return {key: value for key, value in files.read_json(path).items() if key != "environment"}


def new_run(path: Path, seed: int = 0, config: SearchConfig = CONFIG) -> Run:
    """A run directory such as the training of the super-supernet leaves it."""
    space = files.write_text(path.parent / "space.yaml", SPACE.model_dump_json())  # JSON is YAML
    run = Run.open_or_create(path, RunConfig(seed=seed, space=str(space), search=config))
    data = DataInfo(
        channels=SPACE.channels,
        classes=SPACE.classes,
        labels=tuple(f"class {number}" for number in range(SPACE.classes)),
        image_size=40,
        counts={"train": 8 * IMAGES, "validation": IMAGES, "test": IMAGES},
        digest="digest",
    )
    write_value(run.data_file, data)
    return run


def search(
    run: Run,
    seconds: float = 0.0,
    lease_seconds: float | None = None,
    progress: bool = False,
    criteria: Criteria = NO_CRITERIA,
) -> Path:
    """Begins the search, or goes on with it, at `seconds` a score, and ten times that a training."""

    def slow_score(subnet: Subnet) -> float:
        time.sleep(seconds)
        return score(subnet)

    digests = {"supernet": SUPERNET, "data": "digest"}
    return run_search(
        run,
        SPACE,
        slow_score,
        images_per_trial=IMAGES,
        digests=digests,
        progress=progress,
        criteria=criteria,
        lease_seconds=lease_seconds,
        trainer=MadeUpTraining(10 * seconds) if run.config.search.confirm else None,
    )


def killed_search(path: Path, kills: int, config: SearchConfig) -> None:
    """Searches in processes that are killed by SIGKILL at random moments, `kills` times, then to the end.

    With confirmation, nobody is killed before the finalists are trained.
    """
    rng = random.Random(0)
    killed = 0
    while killed < kills:
        child = _fork(path, config, seconds=0.01)
        while config.confirm and b"confirm_epochs" not in _journal(path):
            time.sleep(0.001)
        before = len(_journal(path))
        # Every other process is hit at work, the others perhaps while they start.
        while killed % 2 and len(_journal(path)) == before and not _result(path).exists():
            time.sleep(0.001)
        time.sleep(rng.uniform(0.0, 0.1))
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        if _result(path).exists():
            killed = 0  # it was done too early: begin anew
            shutil.rmtree(path)
        killed += 1
    if os.waitpid(_fork(path, config, seconds=0.0), 0)[1]:
        sys.exit("the last process failed")


def _fork(path: Path, config: SearchConfig, seconds: float) -> int:
    """A process with everything imported already, so that a kill meets the search and not the imports."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            search(new_run(path, config=config), seconds)
            code = 0
        finally:
            os._exit(code)
    return child


def _journal(path: Path) -> bytes:
    journal = path / "search" / "trials.jsonl"
    return journal.read_bytes() if journal.exists() else b""


def _result(path: Path) -> Path:
    return path / "search" / "result.json"


if __name__ == "__main__":
    import scalenet_tf.search.tuner  # noqa: F401 (before the first fork)

    confirms = sys.argv[3:] == ["confirm"]
    killed_search(Path(sys.argv[1]), kills=int(sys.argv[2]), config=CONFIRMED if confirms else CONFIG)
