"""The configuration of a run: typed, frozen, from YAML with overrides. Unknown keys are errors."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal, TypeVar

import yaml
from pydantic import Field, ValidationError, ValidationInfo, field_validator

from scalenet_tf.config.recipe import Fraction, Recipe
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.space.budget import Range
from scalenet_tf.utils.resources import read_shipped
from scalenet_tf.utils.validation import check_keys, problems
from scalenet_tf.utils.value import Value

CONFIG_NAMES = ("quickstart", "smoke", "fashion_mnist", "imagenet")
Settings = TypeVar("Settings", bound=Value)


class AugmentationConfig(Value):
    """Random changes of a training image; each draw depends on (seed, step or epoch, position)."""

    flip: bool = Field(default=True, description="mirror left and right, half of the time")
    shift: Fraction = Field(default=0.1, description="largest shift, as a fraction of the side")
    erase: Fraction = Field(default=0.0, description="side of an erased square, as a fraction of the side")


class DataConfig(Value):
    """Where images come from and how they are split."""

    source: str = Field(default="bundled", description="bundled, tfds:NAME, folder:PATH or tfrecord:PATH")
    data_dir: str | None = Field(default=None, description="TFDS' data_dir; its default where none")
    image_size: int | None = Field(
        default=None,
        ge=1,
        description="side to which images are resized when decoded; needed where sizes differ",
    )
    validation_fraction: float = Field(default=0.1, gt=0, lt=1, description="of train, for the search")
    test_fraction: float = Field(default=0.1, gt=0, lt=1, description="of all, where there is no test split")
    train_images: int | None = Field(
        default=None,
        ge=1,
        description="train on so many images only, each class in proportion; all where none",
    )
    skip_corrupt: bool = Field(default=False, description="skip and count undecodable images")
    cache_gigabytes: float = Field(
        default=2.0, ge=0, description="decoded images are held in memory up to this size"
    )
    augmentation: AugmentationConfig = AugmentationConfig()


class SupernetConfig(Value):
    """Training of the super-supernet (paper, section 4.1; the reference's recipe is `imagenet`)."""

    steps: int = Field(default=2000, ge=1)
    batch_size: int = Field(default=128, ge=1, description="over all replicas")
    learning_rate: float = Field(default=0.2, gt=0, description="peak of the cosine schedule")
    warmup_steps: int = Field(default=100, ge=0)
    momentum: float = Field(default=0.9, ge=0, lt=1)
    weight_decay: float = Field(
        default=4e-5, ge=0, description="added to the gradient, as PyTorch's SGD does"
    )
    conv_decay_factor: float = Field(default=2.0, ge=0, description="times `weight_decay`, for convolutions")
    label_smoothing: Fraction = 0.1
    clip_norm: float = Field(default=5.0, gt=0, description="largest global norm of the gradient")
    precision: Literal["float32", "mixed_bfloat16", "mixed_float16"] = Field(
        default="float32", description="what training computes in; weights, statistics and loss are float32"
    )
    stage_weights: Literal["widths", "equal", "cost"] | tuple[float, ...] = Field(
        default="widths",
        description="probability of each scaling stage: by its number of widths, equal, by the inverse of "
        "its mean cost, or a list",
    )
    sandwich: Literal["stage", "space"] | None = Field(
        default=None,
        description="each step trains the largest and the smallest subnet too, of the drawn scaling stage or "
        "of the whole space",
    )
    distillation: bool = Field(
        default=False,
        description="in a sandwich, the smaller subnets learn from the largest's soft labels",
    )
    bilateral_coupling: bool = Field(
        default=False,
        description="every other step trains subnets in the trailing channels instead of the leading ones",
    )
    ema_decay: float = Field(
        default=0.0,
        ge=0,
        lt=1,
        description="of a moving average of the weights, which search and members use; 0 for none",
    )
    checkpoint_steps: int = Field(default=500, ge=1)
    checkpoint_minutes: float = Field(default=10.0, gt=0)
    log_steps: int = Field(default=50, ge=1)

    @field_validator("distillation")
    @classmethod
    def _needs_a_teacher(cls, distillation: bool, info: ValidationInfo) -> bool:
        if distillation and info.data.get("sandwich") is None:
            raise ValueError("needs `supernet.sandwich`, stage or space, whose largest subnet teaches")
        return distillation


class SearchConfig(Value):
    """The Markov-chain evolutionary search."""

    rounds: int = Field(default=4, ge=1, description="most alternations of base and scaling")
    start_bases: int = Field(
        default=4,
        ge=0,
        description="random bases that score each scaling at the start; 0 begins at random scalings",
    )
    restarts: int = Field(
        default=100,
        ge=0,
        description="how often a chain that came back to an earlier state begins anew within its rounds",
    )
    population: int = Field(default=16, ge=2)
    generations: int = Field(default=4, ge=1, description="per round")
    race: float = Field(
        default=0.25,
        gt=0,
        le=1,
        description="share of a generation that goes on from each stage to the next, the smallest first; "
        "1 scores all of it at all stages",
    )
    mutation_rate: Fraction = 0.1
    crossover_rate: Fraction = 0.5
    stage_weights: tuple[float, ...] | None = Field(
        default=None,
        description="weight of each scaling stage in a base's fitness, S0 first; equal where none. What the "
        "smallest stages say decides who goes on in a race: where they weigh little, raise `race`",
    )
    warm_start: str | None = Field(
        default=None,
        description="published, or an earlier run or its result.json, whose bases begin the chain",
    )
    recalibration_images: int = Field(default=512, ge=1)
    validation_images: int | None = Field(default=None, ge=1, description="all where none")
    batch_size: int = Field(default=256, ge=1)


class LadderConfig(Value):
    """Scaling stages and what they may cost; as the space says where none is given."""

    stages: int | None = Field(default=None, ge=1, description="searched stages, S0 included: the first ones")
    growth: float | None = Field(
        default=None, gt=1, le=16, description="factor of multiply-adds from a stage to the next"
    )
    macs: int | None = Field(default=None, ge=1, description="multiply-adds of the base")
    base_tolerance: float | None = Field(
        default=None, gt=0, lt=1, description="allowed relative distance of the base from macs"
    )
    stage_tolerance: float | None = Field(
        default=None, gt=0, lt=1, description="allowed relative distance from growth^s times the base"
    )
    ranges: tuple[Range, ...] | None = Field(
        default=None,
        description="bounds of macs, parameters, peak_memory, latency_ms, as in {quantity: macs, stage: 1, "
        "most: 9e5}",
    )
    latency_table: str | None = Field(
        default=None, description="a file of `scalenet profile blocks`, which ranges of latency_ms go by"
    )
    latency_device: Literal["this", "other"] = Field(
        default="this", description="other: the table is of a device that this run does not work on"
    )


class ScaleConfig(Value):
    """Extrapolation beyond the trained stages."""

    extra_stages: int = Field(default=1, ge=0, description="stages beyond the super-supernet's")
    rule: Literal["compound", "separate", "last"] = Field(
        default="compound",
        description="growth by one compound fit, by a fit of each dimension, or by the last searched stage",
    )
    tolerance: float = Field(
        default=0.05, gt=0, lt=1, description="allowed relative distance from growth^s times the base"
    )


class MembersConfig(Recipe):
    """Training of each member of the family with Keras' fit: the recipe, and how many at a time."""

    recipe: str | tuple[str, ...] = Field(
        default="default",
        min_length=1,
        description="default, regularized, efficientnet, adamw or a YAML file, whose keys stand above this "
        "section's; a list goes by stage, its last for the rest",
    )
    jobs: int = Field(
        default=1,
        ge=1,
        description="members trained at the same time, each in a process with its share of cores and GPUs",
    )


class PlanConfig(Value):
    """Seconds that each step is planned to take; printed beside the real ones, never enforced."""

    train: int | None = Field(default=None, ge=1)
    search: int | None = Field(default=None, ge=1)
    scale: int | None = Field(default=None, ge=1)
    retrain: int | None = Field(default=None, ge=1)
    export: int | None = Field(default=None, ge=1)
    report: int | None = Field(default=None, ge=1)


class RunConfig(Value):
    """Everything that decides a run's result, and the plan, which does not."""

    seed: int = Field(default=0, ge=0)
    space: str = Field(default="small", description="paper, medium, small or a YAML file")
    fast: bool = Field(default=False, description="give up run-to-run determinism of operations for speed")
    strategy: str = Field(default="auto", description="auto, one_device, mirrored, multi_worker or tpu")
    tpu: str | None = Field(default=None, description="name or address of the TPU, with strategy tpu")
    ladder: LadderConfig = LadderConfig()
    data: DataConfig = DataConfig()
    supernet: SupernetConfig = SupernetConfig()
    search: SearchConfig = SearchConfig()
    scale: ScaleConfig = ScaleConfig()
    members: MembersConfig = MembersConfig()
    plan: PlanConfig = PlanConfig()

    def to_yaml(self) -> str:
        """The whole configuration, defaults included."""
        return yaml.safe_dump(self.model_dump(mode="json"), sort_keys=False)


def load_config(name_or_path: str, overrides: Iterable[str] = ()) -> RunConfig:
    """Loads a configuration.

    Args:
      name_or_path: "quickstart", "smoke", "fashion_mnist", "imagenet", or the path of a YAML file.
      overrides: "dotted.key=value" texts; the value is read as YAML.

    Returns:
      The configuration.

    Raises:
      ScaleNetError: naming the unknown key with the nearest valid one, or the wrong value.

    Example:
      >>> load_config("quickstart", ["search.rounds=4"]).search.rounds
      4
    """
    return parse_config(
        read_shipped("config", name_or_path, CONFIG_NAMES, "scalenet_tf.config.runs"), overrides, name_or_path
    )


def parse_config(text: str, overrides: Iterable[str] = (), name: str = "text") -> RunConfig:
    """`load_config` for the YAML text itself; errors call it `name`.

    Example:
      >>> parse_config("seed: 3").seed
      3
    """
    return parse_typed(RunConfig, "config", text, overrides, name)


def parse_typed(
    model: type[Settings], argument: str, text: str, overrides: Iterable[str], name: str
) -> Settings:
    """YAML text as a value of any type; errors call the argument `argument`, the text `name`."""
    try:
        values = yaml.safe_load(text) or {}
    except yaml.YAMLError as error:
        raise ScaleNetError(f"`{argument}` {name!r} is not YAML: {error}") from error
    if not isinstance(values, dict):
        raise ScaleNetError(
            f"`{argument}` {name!r} must hold keys and values. Received: {type(values).__name__}"
        )
    return _with_overrides(model, values, overrides, name)


def override_config(config: RunConfig, overrides: Iterable[str]) -> RunConfig:
    """The same configuration with some keys changed, as `load_config` changes them."""
    return _with_overrides(RunConfig, config.model_dump(mode="json"), overrides, "the run's own")


def override_texts(values: Mapping[str, Any]) -> list[str]:
    """The overrides that set these keys, by "dotted.key"; none for a value that is None.

    Values are quoted: a path may hold what YAML takes for a comment or a mapping.
    """
    known = {key: value for key, value in values.items() if value is not None}
    return [f"{key}={json.dumps(value, ensure_ascii=False)}" for key, value in known.items()]


def _with_overrides(
    model: type[Settings], values: dict[str, object], overrides: Iterable[str], name: str
) -> Settings:
    for override in overrides:
        _override(values, override)
    check_keys(model, values)
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise ScaleNetError(f"the configuration {name!r} is not valid:\n{problems(error)}") from error


def _override(values: dict[str, object], override: str) -> None:
    key, equals, text = override.partition("=")
    if not equals or not key:
        raise ScaleNetError(f"`--set` takes KEY=VALUE, such as search.rounds=4. Received: {override!r}")
    *parents, last = key.split(".")
    for parent in parents:
        below = values.setdefault(parent, {})
        if not isinstance(below, dict):
            raise ScaleNetError(f"`--set {override}`: {parent!r} is a value, not a section")
        values = below
    # PyYAML reads 1e-3 as text: it wants 1.0e-3.
    try:
        value = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise ScaleNetError(f"`--set {override}`: {text!r} is not YAML: {error}") from error
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            pass
    values[last] = value
