"""Blessings as TFX has them: an empty file whose name is the verdict, and the reasons in the metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.common.artifact import Made, produce, read_artifact
from components.common.artifact_types import INFRA_BLESSING, MODEL_BLESSING
from components.common.lineage import Lineage
from components.common.log import Severity, log
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils import files

_PREFIX = {MODEL_BLESSING: "", INFRA_BLESSING: "INFRA_"}


@dataclass(frozen=True)
class Blessing:
    """A verdict on one model.

    Attributes:
      model_digest: Of the model that was looked at.
      reasons: Why it is not blessed; or what to know of a blessing.
    """

    blessed: bool
    model_digest: str
    reasons: tuple[str, ...]


def write_blessing(
    output: str,
    tfx_type: str,
    lineage: Lineage,
    faults: Sequence[str],
    message: str,
    properties: Mapping[str, Any],
) -> dict[str, Any]:
    """Writes a verdict; a model is blessed where nothing is wrong with it.

    Args:
      output: The blessing's folder.
      tfx_type: `MODEL_BLESSING` or `INFRA_BLESSING`.
      lineage: With the model among its inputs.
      faults: A readable line for each thing that is wrong.
      message: What to know where nothing is.
      properties: Further metadata.

    Returns:
      The artifact's metadata; `blessed` is 1 or 0, `blessing_message` one line.
    """
    blessed = not faults
    said = "; ".join(faults) or message
    severity: Severity = "INFO" if blessed else "WARNING"
    log(lineage.component, "blessed" if blessed else "not blessed", severity, output=output, message=said)

    def work(folder: Path) -> Made:
        name = f"{_PREFIX[tfx_type]}{'' if blessed else 'NOT_'}BLESSED"
        file = files.write_text(folder / name, "")
        told = {"blessed": int(blessed), "blessing_message": said, "reasons": list(faults)}
        return Made({name: file}, {**told, **properties})

    return produce(output, tfx_type, lineage, work)


def read_blessing(name: str, path: str, tfx_type: str) -> Blessing:
    """Reads a verdict.

    Raises:
      ScaleNetError: where it is no blessing of this type, or its file and its metadata differ.
    """
    found = read_artifact(name, path, [tfx_type])
    blessed = (Path(path) / f"{_PREFIX[tfx_type]}BLESSED").is_file()
    if blessed != bool(found["blessed"]):
        raise ScaleNetError(
            f"`{name}` {path!r} has a file and metadata that say different things. Make it anew by running "
            f"{found['component']} again."
        )
    reasons = tuple(found["reasons"]) or (found["blessing_message"],)
    return Blessing(blessed, found["input_digests"]["model"], reasons)
