"""The SavedModel of a model artifact, compared with the digests in the member's metrics.json."""

from __future__ import annotations

from pathlib import Path

from components.common.artifact_types import SERVING, member_of
from components.common.runs import PUT_BACK
from scalenet_tf.errors import DamagedFileError
from scalenet_tf.run.export_digests import find_damage
from scalenet_tf.run.exports import Format
from scalenet_tf.run.metrics import Metrics
from scalenet_tf.utils.value_file import read_value


def saved_model_damage(model: str, stage: int) -> str | None:
    """Returns what is wrong with the SavedModel of a model artifact, or None if it is as it was exported.

    Args:
      model: Folder of the artifact.
      stage: Scaling stage of its member, from 0.

    Raises:
      ScaleNetError: If the member's metrics.json is missing or damaged.
    """
    metrics = read_value(member_of(model, stage).metrics, Metrics, PUT_BACK)
    digests = (metrics.environment.export_digests or {}).get(str(Format.saved_model))
    return find_damage(Path(model) / SERVING, digests)


def check_saved_model(model: str, stage: int) -> None:
    """Raises ScaleNetError if the SavedModel of a model artifact is damaged; see `saved_model_damage`."""
    damage = saved_model_damage(model, stage)
    if damage is not None:
        raise DamagedFileError(f"{damage}. {PUT_BACK}")
