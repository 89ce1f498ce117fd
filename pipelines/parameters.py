"""Parameters of a pipeline run: typed, and checked before anything is compiled, run or sent."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import Any

from pydantic import Field

from pipelines.places import check_named_files, check_source, task_path
from pipelines.target import Target
from scalenet_tf.compress.options import Method
from scalenet_tf.config import RunConfig, load_config, override_config
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.presets import SPACE_NAMES as SPACES
from scalenet_tf.presets import load_space
from scalenet_tf.run.paths import with_absolute_paths
from scalenet_tf.run.requested_space import check_latency_device, requested_space
from scalenet_tf.space.latency_table import read_table
from scalenet_tf.utils.inputs import Integer, Real, Text
from scalenet_tf.utils.value import Value
from scalenet_tf.utils.yaml_text import one_line

# Models of the smoke configuration are poor anyway; three show every step.
_SMOKE_MEMBERS = 3


class DataLimits(Value):
    """DataLimits of ExampleValidator: how imperfect a data set may be and still be trained on."""

    smallest_class: Integer = Field(
        default=2, ge=0, description="minimum number of training images per class"
    )
    largest_imbalance: Real = Field(
        default=100.0, ge=1, description="maximum ratio of the largest training class to the smallest"
    )
    most_corrupt: Integer = Field(default=0, ge=0, description="maximum number of undecodable images")
    most_leaks: Integer = Field(default=0, ge=0, description="maximum number of images in several splits")


class Gates(Value):
    """Requirements that a member must meet to be pushed."""

    accuracy: Real = Field(default=0.0, ge=0, le=1, description="minimum test accuracy")
    class_accuracy: Real = Field(default=0.0, ge=0, le=1, description="minimum test accuracy of each class")
    balanced_accuracy: Real = Field(
        default=0.0, ge=0, le=1, description="minimum mean test accuracy of the classes"
    )
    change: Real = Field(
        default=-0.01, ge=-1, le=1, description="minimum difference of accuracy to the serving model"
    )
    latency_ms: Real = Field(default=0.0, ge=0, description="maximum milliseconds per image; 0 for no limit")
    memory_mb: Real = Field(
        default=0.0, ge=0, description="maximum megabytes of the serving process; 0 for no limit"
    )


class Parameters(Value):
    """Arguments of the pipeline; `read_parameters` makes and checks them."""

    config: RunConfig
    space: str = Field(default="", description="YAML text of a custom space; empty for a shipped one")
    destination: Text | None = Field(default=None, description="folder or URL that models are pushed to")
    scratch: Text = ""
    compress: tuple[Method, ...] = ()
    limits: DataLimits = DataLimits()
    gates: Gates = Gates()

    @property
    def arguments(self) -> dict[str, Any]:
        """The arguments by name, as the compiled pipeline takes them."""
        given = {} if self.destination is None else {"destination": self.destination}
        return given | {
            # In one line, because KFP copies defaults into a comment of the compiled file.
            "config": one_line(self.config.model_dump(mode="json")),
            "space": self.space,
            "scratch": self.scratch,
            "compress": list(self.compress),
            **self.limits.model_dump(),
            **self.gates.model_dump(),
        }


def read_parameters(
    target: Target,
    config: str,
    overrides: Iterable[str] = (),
    *,
    destination: str | None,
    members: int | None = None,
    compress: Sequence[Method] = (),
    limits: DataLimits | None = None,
    gates: Gates | None = None,
) -> Parameters:
    """Checks what a user asks of a run.

    Args:
      target: Target that the pipeline will run on.
      config: Name or path of a configuration, as for `load_config`.
      overrides: "dotted.key=value" texts.
      destination: Folder or URL to push blessed models to; None to give it when the run is started.
      members: Number of family members, including extrapolated ones. Default: as configured; 3
        with "smoke", unless `overrides` give the stages.
      compress: Methods to compress each member by.
      limits: Allowed imperfections of the data set. Default: `DataLimits()`.
      gates: Requirements for pushing a member. Default: `Gates()`.

    Returns:
      The parameters, with paths that are valid where the tasks run.

    Raises:
      ScaleNetError: If an argument is invalid; the text names it and says what is valid.

    Example:
      >>> read_parameters(load_target("local"), "smoke", destination="served").config.ladder.stages
      2
    """
    overrides = tuple(overrides)
    chosen = with_absolute_paths(load_config(config, overrides))
    given = {text.partition("=")[0].strip() for text in overrides}
    if members is None and config == "smoke" and not given & {"ladder.stages", "scale.extra_stages"}:
        members = _SMOKE_MEMBERS
    if members is not None:
        chosen = override_config(chosen, [f"ladder.stages={_searched(chosen, members)}"])
    _check_latency_device(chosen, target)
    sent, space = _with_space_as_text(chosen)
    parameters = Parameters(
        config=sent,
        space=space,
        destination=None if destination is None else task_path("destination", destination, target),
        scratch=target.scratch,
        compress=tuple(compress),
        limits=limits or DataLimits(),
        gates=gates or Gates(),
    )
    check_source(chosen, target)
    check_named_files(chosen, target)
    _check_local_runner(parameters, target)
    return parameters


def _with_space_as_text(config: RunConfig) -> tuple[RunConfig, str]:
    """Returns the configuration as tasks read it, and the text of a custom space, its latency table included.

    A table is a file of this machine, so with one, every space is a custom one.
    """
    table = config.ladder.latency_table
    if config.space in SPACES and table is None:
        return config, ""
    values = load_space(config.space).model_dump(mode="json")
    if table is not None:
        values["budget"]["latency"] = read_table(table).model_dump(mode="json")
    ladder = config.ladder.model_copy(update={"latency_table": None})
    return config.model_copy(update={"space": "custom", "ladder": ladder}), one_line(values)


def _searched(config: RunConfig, members: int) -> int:
    extra = config.scale.extra_stages
    # Extrapolation continues the growth from S0 to S1, unless EfficientNet's rule states it.
    searched = 2 if extra and config.scale.rule != "efficientnet" else 1
    least = extra + searched
    if members < least:
        raise InvalidInputError(
            f"`members` must be {least} or more: scale.extra_stages extrapolates {extra}, from at least "
            f"{searched} that the search finds. Received: {members}. Give more, or "
            "--set scale.extra_stages=0."
        )
    return members - extra


def _check_latency_device(config: RunConfig, target: Target) -> None:
    """Refuses a latency table that the tasks would take for one of another device, since it is."""
    space = requested_space(config)
    table = space.budget.latency
    if target.name == "local":
        check_latency_device(config, space)
    elif table is not None and config.ladder.latency_device == "this":
        raise InvalidInputError(
            f"`ladder.latency_device` must be other on {target.name} beside a latency table, since tasks "
            f"refuse one of a device that is not theirs. Received: this, and one of {table.device.cpu!r}. "
            "If the models are for that device: --set ladder.latency_device=other"
        )


def _check_local_runner(parameters: Parameters, target: Target) -> None:
    """Refuses the word `python3`, which KFP's local runner replaces in every argument by its interpreter."""
    if target.name != "local":
        return
    texts = {"pipeline_root": os.path.abspath(target.pipeline_root), **parameters.arguments}
    for name, value in texts.items():
        if isinstance(value, str) and "python3" in value:
            raise InvalidInputError(
                f"`{name}` must not hold the word python3, which the local runner replaces. Received: "
                f"{value if len(value) < 200 else '... a text with it'}. Choose other names."
            )
