"""The types of artifacts that components hand to each other, by TFX's names, and the parts of a model."""

from __future__ import annotations

from pathlib import Path

from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.member_files import MemberFiles

EXAMPLES = "Examples"
ANOMALIES = "ExampleAnomalies"
SUPERNET = "Supernet"
MODEL_RUN = "ModelRun"
RESULT = "TunerResults"
FAMILY = "Family"
MODEL = "Model"
COMPRESSED = "CompressedModels"
EVALUATION = "ModelEvaluation"
MODEL_BLESSING = "ModelBlessing"
INFRA_BLESSING = "InfraBlessing"
PUSHED = "PushedModel"
REPORT = "Report"

SERVING = "Format-Serving"  # the SavedModel in a model artifact


def member_of(model: str, stage: int) -> MemberFiles:
    """The member's own files in a model artifact."""
    return RunFolder(Path(model)).member_files(stage)
