"""What a run of the pipeline is given: typed, and checked before anything is compiled, run or sent."""

from __future__ import annotations

import math
import os
from collections.abc import Iterable, Sequence
from typing import Any

import yaml
from pydantic import Field

from pipelines.target import Target
from scalenet_tf.compress.options import Method
from scalenet_tf.config import RunConfig, load_config, override_config
from scalenet_tf.config.source import parse_source
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import NAMES as SPACES
from scalenet_tf.presets import load_space
from scalenet_tf.run.paths import check_folder, with_absolute_paths
from scalenet_tf.run.requested_space import asked_space
from scalenet_tf.utils.value import Value

# Its models are poor whatever their number: three show every step.
_SMOKE_MEMBERS = 3


class Limits(Value):
    """What is wrong with a data set that is trained on nevertheless; ExampleValidator's."""

    smallest_class: int = Field(default=2, ge=0, description="fewest train images of a class")
    largest_imbalance: float = Field(
        default=100.0, ge=1, description="largest class of train to the smallest"
    )
    most_corrupt: int = Field(default=0, ge=0, description="images that cannot be decoded")
    most_leaks: int = Field(default=0, ge=0, description="images that stand in several splits")


class Gates(Value):
    """What a member must reach to be pushed."""

    accuracy: float = Field(default=0.0, ge=0, le=1, description="least accuracy on the test split")
    class_accuracy: float = Field(default=0.0, ge=0, le=1, description="least accuracy of each class there")
    change: float = Field(default=-0.01, ge=-1, le=1, description="least accuracy less the serving model's")
    latency_ms: float = Field(default=0.0, ge=0, description="most milliseconds an image; 0 for any")
    memory_mb: float = Field(
        default=0.0, ge=0, description="most megabytes of the serving process; 0 for any"
    )


class Parameters(Value):
    """The arguments of the pipeline, by `read_parameters`."""

    config: RunConfig
    space: str = Field(default="", description="YAML of a space that does not ship; else none")
    destination: str | None = Field(default=None, description="folder or URL that models are pushed to")
    scratch: str = ""
    compress: tuple[Method, ...] = ()
    limits: Limits = Limits()
    gates: Gates = Gates()

    @property
    def arguments(self) -> dict[str, Any]:
        """As the compiled pipeline takes them."""
        given = {} if self.destination is None else {"destination": self.destination}
        return given | {
            "config": _one_line(self.config.model_dump(mode="json")),
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
    limits: Limits | None = None,
    gates: Gates | None = None,
) -> Parameters:
    """Checks what a user asks of a run.

    Args:
      target: Where it will run.
      config: A configuration's name or file, as `load_config` takes it.
      overrides: "dotted.key=value" texts.
      destination: Folder or URL that blessed models are pushed to; None where whoever starts the run says.
      members: Of the family, those that are extrapolated included; as configured where None, 3 of smoke.
      compress: Methods by which each member is made smaller besides.
      limits: What is wrong with the images and trained on nevertheless; the defaults where None.
      gates: What a member must reach; anything where None.

    Returns:
      The parameters, with paths that hold where the tasks run.

    Raises:
      ScaleNetError: naming the argument that cannot be, and what can.

    Example:
      >>> read_parameters(load_target("local"), "smoke", destination="served").config.ladder.stages
      2
    """
    chosen = with_absolute_paths(load_config(config, overrides))
    if members is None and config == "smoke":
        members = _SMOKE_MEMBERS
    if members is not None:
        chosen = override_config(chosen, [f"ladder.stages={_searched(chosen, members)}"])
    asked_space(chosen)
    parameters = Parameters(
        config=chosen.model_copy(update={"space": "custom"}) if chosen.space not in SPACES else chosen,
        space="" if chosen.space in SPACES else _one_line(load_space(chosen.space).model_dump(mode="json")),
        destination=None if destination is None else _place("destination", destination, target),
        scratch=target.scratch,
        compress=tuple(compress),
        limits=limits or Limits(),
        gates=gates or Gates(),
    )
    _check_source(chosen, target)
    _check_local_runner(parameters, target)
    return parameters


def _one_line(values: dict[str, Any]) -> str:
    """YAML in one line: KFP writes defaults into a comment of the compiled file, as they are."""
    return yaml.safe_dump(values, sort_keys=False, default_flow_style=True, width=math.inf).strip()


def _searched(config: RunConfig, members: int) -> int:
    extra = config.scale.extra_stages
    # What grows from S0 to the next is what extrapolation goes on with.
    least = extra + 2 if extra else 1
    if members < least:
        raise ScaleNetError(
            f"`members` must be {least} or more: scale.extra_stages extrapolates {extra}, from two that are "
            f"searched. Received: {members}. Give more, or --set scale.extra_stages=0."
        )
    return members - extra


def _place(argument: str, place: str, target: Target) -> str:
    if not place:
        raise ScaleNetError(
            f"`{argument}` must be a folder or a URL such as gs://BUCKET/models. Received: ''."
        )
    if "://" in place:
        return place
    if target.name == "local":
        return os.path.abspath(os.path.expanduser(place))
    if not place.startswith("/"):
        raise ScaleNetError(
            f"`{argument}` must be a URL such as gs://BUCKET/models, or the absolute path of a volume that "
            f"every task of {target.name} has. Received: {place!r}, which is relative to this machine."
        )
    return place


def _check_source(config: RunConfig, target: Target) -> None:
    kind, place = parse_source(config.data.source)
    if target.name == "local":
        check_folder(config)
    elif kind in ("folder", "tfrecord") and "://" not in place and os.path.exists(place):
        raise ScaleNetError(
            f"`data.source` {kind}:PATH is a folder of this machine, which tasks of {target.name} do not "
            f"see. Received: {place!r}. Copy it to a bucket and give {kind}:gs://BUCKET/FOLDER, or name the "
            "path of a volume that tasks mount."
        )


def _check_local_runner(parameters: Parameters, target: Target) -> None:
    """KFP's local runner puts its interpreter in the place of `python3` in whatever it passes on."""
    if target.name != "local":
        return
    places = {"pipeline_root": os.path.abspath(target.pipeline_root), **parameters.arguments}
    for name, value in places.items():
        if isinstance(value, str) and "python3" in value:
            raise ScaleNetError(
                f"`{name}` must not hold the word python3, which the local runner replaces. Received: "
                f"{value if len(value) < 200 else '... a text with it'}. Choose other names."
            )
