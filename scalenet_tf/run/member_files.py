"""The paths of the files of one member; the names in it are defined only here."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

EVALUATION = "evaluation.json"
_METRICS = "metrics.json"


@dataclass(frozen=True)
class CompressedFiles:
    """Files of one compressed member.

    Attributes:
      folder: Folder members/sN/compressed/METHOD.
    """

    folder: Path

    @property
    def model(self) -> Path:
        """Compressed model, a LiteRT file."""
        return self.folder / "model.tflite"

    @property
    def metrics(self) -> Path:
        """Options and results, written last."""
        return self.folder / _METRICS


@dataclass(frozen=True)
class MemberFiles:
    """Files of one member.

    Attributes:
      folder: Folder members/sN.
    """

    folder: Path

    @property
    def architecture(self) -> Path:
        """Network, labels and recipe, written before the first epoch."""
        return self.folder / "architecture.json"

    @property
    def initial_weights(self) -> Path:
        """Weights that the training of a transferred member starts from."""
        return self.folder / "initial.npz"

    @property
    def state(self) -> Path:
        """Weights, optimizer state and progress of an unfinished training."""
        return self.folder / "state.npz"

    @property
    def history(self) -> Path:
        """One row of results per epoch."""
        return self.folder / "history.jsonl"

    @property
    def weights(self) -> Path:
        """Weights of the trained network."""
        return self.folder / "weights.npz"

    @property
    def metrics(self) -> Path:
        """Results of the training and of the exports. Its existence marks the member as trained."""
        return self.folder / _METRICS

    @property
    def samples(self) -> Path:
        """Some test images with the member's predictions."""
        return self.folder / "samples.json"

    @property
    def card(self) -> Path:
        """Model card."""
        return self.folder / "model_card.md"

    @property
    def evaluation(self) -> Path:
        """Verdict of a pipeline's Evaluator."""
        return self.folder / EVALUATION

    @property
    def saved_model(self) -> Path:
        """Folder of the SavedModel."""
        return self.export("saved_model")

    def export(self, format: str) -> Path:
        """Returns the folder of an export in a format, which exists only once the export is complete."""
        return self.folder / format / "1"

    @property
    def compressions(self) -> Path:
        """Folder with one subfolder per compression method."""
        return self.folder / "compressed"

    def compressed(self, method: str) -> CompressedFiles:
        """Returns the files of the member compressed by a method."""
        return CompressedFiles(self.compressions / method)
