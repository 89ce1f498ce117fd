"""Members trained from scratch: each network once for each seed, whichever families it is in."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

from scalenet_tf.data.dataset import Split
from scalenet_tf.space import Subnet
from scalenet_tf.utils import files
from studies.families.families import Family
from studies.families.study import FIRST_TUNING_SEED, Study


def member_file(folder: Path, subnet: Subnet, seed: int) -> Path:
    return folder / "members" / f"{subnet.key}-{seed}.json"


def train_member(study: Study, subnet: Subnet, seed: int) -> dict[str, Any]:
    """Trains on the seed's own split; tuning looks at validation, what is reported at test."""
    from studies.common.train_from_scratch import train_from_scratch

    split: Split = "validation" if seed >= FIRST_TUNING_SEED else "test"
    training = replace(study.training, split=split)
    result = train_from_scratch(study.images_config, training, subnet, seed, 0, data_seed=seed)
    return {"seed": seed, "split": split, **result, "subnet": subnet.model_dump(mode="json")}


def accuracies(folder: Path, family: Family | None, seed: int) -> list[float] | None:
    """Of each member, S0 first; None before all are trained."""
    if family is None:
        return None
    paths = [member_file(folder, subnet, seed) for subnet in family]
    if not all(path.is_file() for path in paths):
        return None
    return [files.read_json(path)["accuracy"] for path in paths]
