"""Options that several commands share, and the parameters of a run that they give."""

from __future__ import annotations

import functools
import importlib.util
import inspect
from collections.abc import Callable
from typing import Annotated, Any, Protocol, get_type_hints

import typer

from pipelines.parameters import DataLimits, Gates, Parameters, read_parameters
from pipelines.target import NAMES, Target, load_target
from scalenet_tf.compress.options import METHODS, check_method
from scalenet_tf.config import CONFIG_NAMES, override_texts
from scalenet_tf.errors import InvalidInputError, ScaleNetError
from scalenet_tf.utils.validation import made

TargetOption = Annotated[
    str, typer.Option("--target", metavar="NAME|YAML", help="Target: kubeflow, vertex, or a YAML file.")
]
ConfigOption = Annotated[
    str,
    typer.Option(
        "--config",
        metavar="NAME|YAML",
        help=f"Configuration: {', '.join(CONFIG_NAMES)}, or a YAML file.",
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override a configuration key. Repeatable."),
]
TargetSetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--target-set",
        metavar="KEY=VALUE",
        help="Override a key of the target, for example image=…. Repeatable.",
    ),
]
DataOption = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="SOURCE",
        help="Data source: a folder's path, bundled, tfds:NAME or tfrecord:PATH.",
    ),
]
SeedOption = Annotated[int | None, typer.Option("--seed", min=0, help="Random seed of the run.")]
MembersOption = Annotated[
    int | None,
    typer.Option(
        "--members",
        min=1,
        help="Number of family members, including extrapolated ones: 3 gives S0 to S2. Default: as "
        "configured, 3 with smoke.",
    ),
]
CompressOption = Annotated[
    list[str] | None,
    typer.Option(
        "--compress",
        metavar="METHOD",
        help=f"Also compress each member, by {', '.join(METHODS)}. Repeatable.",
    ),
]
ClassImagesOption = Annotated[
    int,
    typer.Option("--min-class-images", min=0, help="Minimum number of training images per class."),
]
ImbalanceOption = Annotated[
    float,
    typer.Option(
        "--max-imbalance", min=1, help="Maximum ratio of the largest training class to the smallest."
    ),
]
CorruptOption = Annotated[
    int,
    typer.Option(
        "--max-corrupt",
        min=0,
        help="Maximum number of images that cannot be decoded; see data.skip_corrupt.",
    ),
]
LeaksOption = Annotated[
    int,
    typer.Option("--max-leaks", min=0, help="Maximum number of images that occur in several splits."),
]
AccuracyOption = Annotated[
    float,
    typer.Option("--min-accuracy", min=0, max=1, help="Minimum test accuracy of a member that is pushed."),
]
ClassAccuracyOption = Annotated[
    float,
    typer.Option("--min-class-accuracy", min=0, max=1, help="Minimum test accuracy of each class."),
]
BalancedAccuracyOption = Annotated[
    float,
    typer.Option("--min-balanced-accuracy", min=0, max=1, help="Minimum mean test accuracy of the classes."),
]
ChangeOption = Annotated[
    float,
    typer.Option(
        "--min-change",
        min=-1,
        max=1,
        help="Minimum difference of test accuracy to the version being served; negative allows a loss.",
    ),
]
LatencyOption = Annotated[
    float,
    typer.Option("--max-latency", min=0, help="Maximum latency per image in milliseconds; 0 for no limit."),
]
MemoryOption = Annotated[
    float,
    typer.Option(
        "--max-memory", min=0, help="Maximum memory of the serving process in megabytes; 0 for no limit."
    ),
]
PushOption = Annotated[
    str,
    typer.Option(
        "--push", metavar="DIR|URL", help="Folder or URL to push models to, for example gs://BUCKET/models."
    ),
]


def cluster_target(name: str, overrides: list[str] | None) -> Target:
    """Loads a target that is a cluster.

    Args:
      name: Name or path of the target.
      overrides: "dotted.key=value" texts.

    Raises:
      ScaleNetError: If the target is local, or a package that it needs is not installed.
    """
    target = load_target(name, overrides or ())
    if target.name == "local":
        raise InvalidInputError(
            f"`--target` must be {' or '.join(NAMES[1:])} here. Received: {name}. See run-local."
        )
    need_packages(target)
    return target


def need_packages(target: Target) -> None:
    """Raises ScaleNetError if an extra that the target needs is not installed."""
    needed = {"kfp": "pipelines"}
    if target.name == "vertex":
        needed |= {"google_cloud_pipeline_components": "vertex"}
    for package, extra in needed.items():
        if importlib.util.find_spec(package) is None:
            raise ScaleNetError(
                f"the target {target.name} needs {package}, which is not installed. "
                f'Install it with: pip install "scalenet-tf[{extra}]"'
            )


class Ask(Protocol):
    """Returns the parameters that the shared options give, for a target and a folder or URL to push to."""

    def __call__(self, target: Target, push: str | None) -> Parameters: ...


def _ask(
    target: Target,
    push: str | None,
    config: ConfigOption = "quickstart",
    set: SetOption = None,
    data: DataOption = None,
    seed: SeedOption = None,
    members: MembersOption = None,
    compress: CompressOption = None,
    min_class_images: ClassImagesOption = 2,
    max_imbalance: ImbalanceOption = 100.0,
    max_corrupt: CorruptOption = 0,
    max_leaks: LeaksOption = 0,
    min_accuracy: AccuracyOption = 0.0,
    min_class_accuracy: ClassAccuracyOption = 0.0,
    min_balanced_accuracy: BalancedAccuracyOption = 0.0,
    min_change: ChangeOption = -0.01,
    max_latency: LatencyOption = 0.0,
    max_memory: MemoryOption = 0.0,
) -> Parameters:
    overrides = [*(set or []), *override_texts({"data.source": data, "seed": seed})]
    return read_parameters(
        target,
        config,
        overrides,
        destination=push,
        members=members,
        compress=[check_method(method) for method in compress or ()],
        limits=made(
            DataLimits,
            "the options",
            {
                "smallest_class": min_class_images,
                "largest_imbalance": max_imbalance,
                "most_corrupt": max_corrupt,
                "most_leaks": max_leaks,
            },
        ),
        gates=made(
            Gates,
            "the options",
            {
                "accuracy": min_accuracy,
                "class_accuracy": min_class_accuracy,
                "balanced_accuracy": min_balanced_accuracy,
                "change": min_change,
                "latency_ms": max_latency,
                "memory_mb": max_memory,
            },
        ),
    )


def asks(act: Callable[..., None]) -> Callable[..., None]:
    """Turns `act` into a command with the shared options besides its own; it receives `ask`, an `Ask`."""
    own = _parameters(act, {"ask"})
    shared = _parameters(_ask, {"target", "push"})

    def command(**given: Any) -> None:
        ask = functools.partial(_ask, **{name: given.pop(name) for name in shared})
        act(**given, ask=ask)

    command.__name__, command.__doc__ = act.__name__, act.__doc__
    # Typer reads its options from these.
    everything = {**own, **shared}
    command.__signature__ = inspect.Signature(list(everything.values()))  # type: ignore[attr-defined]
    command.__annotations__ = {name: parameter.annotation for name, parameter in everything.items()}
    return command


def _parameters(function: Callable[..., Any], without: set[str]) -> dict[str, inspect.Parameter]:
    hints = get_type_hints(function, include_extras=True)
    return {
        name: parameter.replace(kind=inspect.Parameter.KEYWORD_ONLY, annotation=hints[name])
        for name, parameter in inspect.signature(function).parameters.items()
        if name not in without
    }
