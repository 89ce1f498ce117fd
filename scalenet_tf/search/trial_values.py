"""Hyperparameter values of a trial: plain numbers and names for its scaling stage, base and scaling."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from itertools import zip_longest
from typing import Any

from scalenet_tf.space import BaseArchitecture, BlockOp, Scaling, SearchSpace
from scalenet_tf.space.any_op import parse_op
from scalenet_tf.space.rules import thousandths

TrialValue = int | float | str
UNUSED = "none"  # Op of a slot beyond the depth of its stage.
# Only trials that train finalists have this value: their accuracies are no scores with shared weights.
CONFIRM_EPOCHS = "confirm_epochs"


def domains(space: SearchSpace) -> dict[str, tuple[Any, ...]]:
    """Returns the hyperparameters of a space with their possible values, in the order of display.

    These are `scaling_stage`, `depth_multiplier`, `width_multiplier` and `resolution` (pixels); then for each
    stage of the network its depth, such as `stage0_depth`, and the name of the op in each slot, such as
    `stage0_op0`, which is "none" past the depth.
    """
    menus = space.menus
    values: dict[str, tuple[Any, ...]] = {
        "scaling_stage": tuple(range(len(menus))),
        "depth_multiplier": tuple(d / 1000 for d in sorted({d for menu in menus for d in menu.depth})),
        "width_multiplier": tuple(w / 1000 for w in sorted({w for menu in menus for w in menu.width})),
        "resolution": tuple(sorted({r for menu in menus for r in menu.resolution})),
    }
    for s, stage in enumerate(space.stages):
        low, high = stage.depth
        names = tuple(op.name for op in stage.ops)
        values[_depth_name(s)] = tuple(range(low, high + 1))
        for slot in range(high):
            values[_op_name(s, slot)] = names if slot < low else (*names, UNUSED)
    return values


def encode(
    space: SearchSpace, scaling_stage: int, base: BaseArchitecture, scaling: Scaling, confirm_epochs: int = 0
) -> dict[str, TrialValue]:
    """Returns the value of each of `domains(space)`, in plain Python types, and `confirm_epochs` if not 0."""
    values: dict[str, TrialValue] = {
        "scaling_stage": scaling_stage,
        "depth_multiplier": scaling.depth_thousandths / 1000,
        "width_multiplier": scaling.width_thousandths / 1000,
        "resolution": scaling.resolution,
    }
    for s, (ops, part) in enumerate(zip(base.stages, space.stages, strict=True)):
        depth_name, slots = _names(s, part.depth[1])
        values[depth_name] = len(ops)
        values.update(zip_longest(slots, [op.name for op in ops], fillvalue=UNUSED))
    if confirm_epochs:
        values[CONFIRM_EPOCHS] = confirm_epochs
    return values


def decode(space: SearchSpace, values: Mapping[str, Any]) -> tuple[int, BaseArchitecture, Scaling]:
    """Returns the scaling stage, the base architecture and its scaling: the inverse of `encode`."""
    base = BaseArchitecture(
        stages=tuple(
            tuple(_op(values[_op_name(s, slot)]) for slot in range(values[_depth_name(s)]))
            for s in range(len(space.stages))
        )
    )
    scaling = Scaling(
        depth_thousandths=thousandths(values["depth_multiplier"]),
        width_thousandths=thousandths(values["width_multiplier"]),
        resolution=values["resolution"],
    )
    return values["scaling_stage"], base, scaling


# A search keeps the values of all trials in memory, so these share their names.
@lru_cache(maxsize=1024)
def _depth_name(stage: int) -> str:
    return f"stage{stage}_depth"


@lru_cache(maxsize=4096)
def _op_name(stage: int, slot: int) -> str:
    return f"stage{stage}_op{slot}"


@lru_cache(maxsize=1024)
def _names(stage: int, most: int) -> tuple[str, list[str]]:
    return _depth_name(stage), [_op_name(stage, slot) for slot in range(most)]


@lru_cache(maxsize=1024)
def _op(name: str) -> BlockOp:
    op: BlockOp = parse_op(name)
    return op
