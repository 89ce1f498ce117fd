"""Blessings in TFX's format: an empty file whose name is the verdict, and the reasons in the metadata."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from components.common.artifact import Made, produce, read_artifact
from components.common.artifact_types import INFRA_BLESSING, MODEL_BLESSING
from components.common.lineage import Lineage
from components.common.log import Severity, log
from scalenet_tf.errors import DamagedFileError
from scalenet_tf.utils import files

_PREFIX = {MODEL_BLESSING: "", INFRA_BLESSING: "INFRA_"}


@dataclass(frozen=True)
class Blessing:
    """The verdict on one model.

    Attributes:
      blessed: Whether the model is blessed.
      model_digest: Digest of the model.
      reasons: Reasons why it is not blessed, or a remark if it is.
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
    """Writes a verdict; a model without faults is blessed.

    Args:
      output: Folder of the blessing.
      tfx_type: `MODEL_BLESSING` or `INFRA_BLESSING`.
      lineage: Lineage with the model among its inputs.
      faults: A readable line for each fault.
      message: Remark for a model without faults.
      properties: Further metadata.

    Returns:
      The metadata of the artifact; `blessed` is 1 or 0, `blessing_message` is one line.
    """
    blessed = not faults
    said = "; ".join(faults) or message
    severity: Severity = "INFO" if blessed else "WARNING"
    log(lineage.component, "blessed" if blessed else "not blessed", severity, output=output, message=said)

    def work(folder: Path) -> Made:
        name = f"{_PREFIX[tfx_type]}{'' if blessed else 'NOT_'}BLESSED"
        file = files.write_text(folder / name, "")
        metadata = {"blessed": int(blessed), "blessing_message": said, "reasons": list(faults)}
        return Made({name: file}, {**metadata, **properties})

    return produce(output, tfx_type, lineage, work)


def read_blessing(name: str, path: str, tfx_type: str) -> Blessing:
    """Reads a verdict.

    Raises:
      ScaleNetError: If it is not a blessing of this type, or its file and metadata contradict each other.
    """
    found = read_artifact(name, path, [tfx_type])
    blessed = (Path(path) / f"{_PREFIX[tfx_type]}BLESSED").is_file()
    if blessed != bool(found["blessed"]):
        raise DamagedFileError(
            f"`{name}` {path!r} has a file and metadata that disagree. Create it again by running "
            f"{found['component']} again."
        )
    reasons = tuple(found["reasons"]) or (found["blessing_message"],)
    return Blessing(blessed, found["input_digests"]["model"], reasons)
