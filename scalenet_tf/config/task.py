"""The task of a run: one label for each image, or several at once."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

from pydantic import BeforeValidator

# A class is named as present in an image from this probability on, for multi_label.
PRESENT = 0.5


class Task(StrEnum):
    """The question that a network is trained to answer; its value is the key `task` of a configuration.

    Whatever depends on the task takes this value as an argument: `models/outputs.py` has the outputs and the
    losses, `models/score.py` the scores.
    """

    single_label = "single_label"
    multi_label = "multi_label"

    @property
    def score(self) -> str:
        """Name of the score that the search maximises, for sentences."""
        return "mean average precision" if self is Task.multi_label else "accuracy"

    @property
    def short_score(self) -> str:
        """The same name for headings and lines of progress."""
        return "mAP" if self is Task.multi_label else "accuracy"

    @property
    def activation(self) -> str:
        """Keras' name of the activation that turns logits into probabilities."""
        return "sigmoid" if self is Task.multi_label else "softmax"


def _known(value: Any) -> Any:
    if value in [*Task]:
        return value
    # Short enough to be shown whole.
    raise ValueError(
        "Input should be single_label or multi_label; there is no regression: divide a number into classes"
    )


# A field's type, whose error says what exists.
TaskName = Annotated[Task, BeforeValidator(_known)]
