"""A tiny pipeline by its executors, on the bundled images: what the tests of later components start from.

A process of its own makes it, where operations are deterministic.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from components.example_gen import executor as example_gen
from components.family_trainer import executor as family_trainer
from components.joint_search import executor as joint_search
from components.scaling_extrapolator import executor as scaling_extrapolator
from components.supernet_trainer import executor as supernet_trainer
from scalenet_tf.config import load_config
from tests.helpers.networks import TINY_SPACE

CONFIG = load_config(
    "smoke",
    [
        "supernet.steps=12",
        "supernet.checkpoint_steps=4",
        "supernet.log_steps=4",
        "search.rounds=1",
        "search.population=2",
        "search.recalibration_images=64",
        "search.batch_size=64",
        "search.validation_images=128",
        "scale.extra_stages=0",
        "members.epoch_images=640",
    ],
).to_yaml()


def make(root: Path, stages: list[int]) -> None:
    """Runs the components up to FamilyTrainer into ROOT/{examples,supernet,…,model0}."""
    place = {name: str(root / name) for name in ("examples", "supernet", "model_run", "result", "family")}
    example_gen.generate(examples=place["examples"], config=CONFIG, shards=2)
    supernet_trainer.train(
        examples=place["examples"],
        supernet=place["supernet"],
        model_run=place["model_run"],
        config=CONFIG,
        space=TINY_SPACE,
        scratch=str(root / "scratch"),
    )
    joint_search.search(examples=place["examples"], supernet=place["supernet"], result=place["result"])
    scaling_extrapolator.extrapolate(result=place["result"], family=place["family"])
    for stage in stages:
        family_trainer.train(
            examples=place["examples"],
            supernet=place["supernet"],
            family=place["family"],
            model=str(root / f"model{stage}"),
            stage=stage,
        )


def run(root: Path) -> None:
    """`make` in a process of its own."""
    command = [sys.executable, "-m", "tests.helpers.component_chain", str(root), "0", "1"]
    subprocess.run(command, check=True, timeout=900)


if __name__ == "__main__":
    make(Path(sys.argv[1]), [int(stage) for stage in sys.argv[2:]])
