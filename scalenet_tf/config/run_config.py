"""The whole configuration of a run: frozen values; unknown keys are errors."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from scalenet_tf.config.data import DataConfig
from scalenet_tf.config.ladder import LadderConfig, ScaleConfig
from scalenet_tf.config.members import MembersConfig
from scalenet_tf.config.search import SearchConfig
from scalenet_tf.config.supernet import SupernetConfig
from scalenet_tf.config.task import Task, TaskName
from scalenet_tf.utils.inputs import Integer, Text
from scalenet_tf.utils.value import Value
from scalenet_tf.utils.yaml_text import write_yaml

Tracker = Literal["tensorboard", "mlflow", "optuna"]


class RunConfig(Value):
    """Everything that determines the result of a run, and `tracking`, which does not."""

    seed: Integer = Field(default=0, ge=0, description="Seed of all random numbers.")
    task: TaskName = Field(
        default=Task.single_label,
        description="Labels of an image: single_label, one of the classes; multi_label, any number of them "
        "at once, with a probability of their own each, and mean average precision as the score.",
    )
    space: Text = Field(
        default="small", description="Search space: paper, medium, colour32, small or a YAML file."
    )
    fast: bool = Field(
        default=False, description="Allow operations that differ from run to run, which is faster."
    )
    strategy: Literal["auto", "one_device", "mirrored", "multi_worker", "tpu"] = Field(
        default="auto",
        description="Distribution over devices: auto, one_device, mirrored, multi_worker or tpu.",
    )
    tpu: Text | None = Field(default=None, description="Name or address of the TPU, for the strategy tpu.")
    ladder: LadderConfig = Field(default=LadderConfig(), description="Scaling stages and their budgets.")
    data: DataConfig = Field(default=DataConfig(), description="Source of the images and their splits.")
    supernet: SupernetConfig = Field(default=SupernetConfig(), description="Training of the super-supernet.")
    search: SearchConfig = Field(default=SearchConfig(), description="Search of the base and its scalings.")
    scale: ScaleConfig = Field(
        default=ScaleConfig(), description="Extrapolation beyond the searched scaling stages."
    )
    members: MembersConfig = Field(default=MembersConfig(), description="Training of the family's members.")
    tracking: Tracker | tuple[Tracker, ...] | None = Field(
        default=None,
        description="Where progress is logged beside the run's own files: tensorboard, mlflow, optuna, or a "
        "list of them. It may change in a run that has begun; [] turns it off.",
    )

    @property
    def trackers(self) -> tuple[Tracker, ...]:
        """Names of the trackers, each once."""
        given = (self.tracking,) if isinstance(self.tracking, str) else self.tracking or ()
        return tuple(dict.fromkeys(given))

    def to_yaml(self) -> str:
        """The whole configuration as YAML, defaults included."""
        return write_yaml(self.model_dump(mode="json"))
