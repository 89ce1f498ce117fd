"""Members trained from scratch: each network once per seed, however many families it belongs to."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Literal

from scalenet_tf.space import Subnet
from studies.common.items import Items
from studies.families.families import Family
from studies.families.study import FIRST_TUNING_SEED, Study


def member_item(subnet: Subnet, seed: int) -> str:
    """Name of the item that holds a trained member."""
    return f"members/{subnet.key}-{seed}"


def train_member(study: Study, subnet: Subnet, seed: int) -> dict[str, Any]:
    """Trains a member on the split of its seed.

    Its accuracy is over validation images for the seeds that tune, and over test images for the others.
    """
    from studies.common.train_from_scratch import train_from_scratch

    split: Literal["validation", "test"] = "validation" if seed >= FIRST_TUNING_SEED else "test"
    training = replace(study.training, split=split)
    result = train_from_scratch(study.images_config, training, subnet, seed, 0, data_seed=seed)
    return {"seed": seed, "split": split, **result, "subnet": subnet.model_dump(mode="json")}


def accuracies(items: Items, family: Family | None, seed: int) -> list[float] | None:
    """Accuracies of a family's members, S0 first, or None unless all of them are trained."""
    if family is None:
        return None
    trained = items.get_all([member_item(subnet, seed) for subnet in family])
    return None if trained is None else [member["accuracy"] for member in trained]
