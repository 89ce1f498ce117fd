"""Options that commands share, and the run that they name."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scalenet_tf.distribute.cluster import Cluster, read_cluster
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run.exports import Format

if TYPE_CHECKING:
    from scalenet_tf.run import Run

ALONE = Cluster()

RunOption = Annotated[Path, typer.Option("--run", metavar="DIR", help="The run's directory.")]
ConfigOption = Annotated[
    str | None,
    typer.Option(
        "--config", metavar="NAME|YAML", help="quickstart, smoke, fashion_mnist, imagenet, or a YAML file."
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override one key, such as search.rounds=4; repeatable."),
]
DataOption = Annotated[
    str | None,
    typer.Option(
        "--data", metavar="SOURCE", help="bundled, tfds:NAME, folder:PATH or tfrecord:PATH (data.source)."
    ),
]
SeedOption = Annotated[int | None, typer.Option("--seed", min=0, help="The run's seed (seed).")]
FastOption = Annotated[
    bool, typer.Option("--fast", help="Give up run-to-run determinism of operations for speed (fast).")
]
StrategyOption = Annotated[
    str | None,
    typer.Option(
        "--strategy",
        help="auto (a TPU, else all GPUs, else the one device), one_device, mirrored (all devices of this "
        "machine), multi_worker (all devices of the "
        "workers in TF_CONFIG, each started with this command on a shared --run) or tpu (strategy).",
    ),
]
TpuOption = Annotated[
    str | None,
    typer.Option("--tpu", metavar="NAME", help="The TPU's name or address; it may change on a resume (tpu)."),
]
StageOption = Annotated[
    list[int] | None,
    typer.Option("--stage", min=0, metavar="S", help="A scaling stage; repeatable. All where none is given."),
]
FormatOption = Annotated[
    list[Format] | None,
    typer.Option(
        "--format",
        help="A format; repeatable. saved_model where none is given; the others need the extra export.",
    ),
]

JobsOption = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        min=1,
        metavar="N",
        help="Members trained at the same time, each in a process of its own (members.jobs).",
    ),
]

RoundsOption = Annotated[
    int | None,
    typer.Option(
        "--rounds",
        min=1,
        metavar="N",
        help="Let the search have N rounds in all, also one that is done: it goes on (search.rounds).",
    ),
]
ChiefOption = Annotated[
    bool,
    typer.Option("--chief", help="Keep the search and let workers score; the same command resumes it."),
]
WorkerOption = Annotated[
    str | None,
    typer.Option("--worker", metavar="NAME", help="Score for a chief; each worker has a name of its own."),
]
AddressOption = Annotated[
    str | None,
    typer.Option(
        "--address",
        metavar="HOST:PORT",
        help="Where the chief listens (0.0.0.0:PORT: on all interfaces), or is to be found by a worker. "
        "KERASTUNER_ORACLE_IP and _PORT where not given, else 127.0.0.1:8470.",
    ),
]


def overrides(
    given: list[str] | None,
    *,
    data: str | None,
    seed: int | None,
    fast: bool,
    strategy: str | None,
    tpu: str | None,
) -> list[str]:
    """The --set texts, then those that the short options stand for."""
    from scalenet_tf.config import override_texts

    short = {"data.source": data, "seed": seed, "fast": fast or None, "strategy": strategy, "tpu": tpu}
    return [*(given or []), *override_texts(short)]


def open_run(path: Path, config: str | None, given: list[str], cluster: Cluster = ALONE) -> Run:
    """Opens the run at `path`, or begins one with `config` and the overrides.

    Of the workers of a cluster the chief does so, and the others wait for it.

    Raises:
      ScaleNetError: where there is no run and no config, or a run that was begun otherwise.
    """
    from scalenet_tf.config import load_config, override_config
    from scalenet_tf.run import Run

    begin = Run.open_or_create
    if not cluster.chief:
        begin = Run.join
        if config is None:
            run = Run.join(path)
            # Not read from the file again: the chief may be writing it anew.
            return Run.join(path, override_config(run.config, given)) if given else run
    if config is not None:
        return begin(path, load_config(config, given))
    if not given:
        return Run.open(path)
    begun = path / "config.yaml"
    if not begun.is_file():
        raise ScaleNetError(
            f"there is no run at {str(path)!r} yet, so --config is needed: a name such as quickstart, "
            "or a YAML file."
        )
    return Run.open_or_create(path, load_config(str(begun), given))


def begins_run(act: Callable[[Run], None]) -> Callable[..., None]:
    """Makes a command of `act`, with the options that begin a run; `act` receives the run opened."""

    def command(
        run: RunOption,
        config: ConfigOption = None,
        set: SetOption = None,
        data: DataOption = None,
        seed: SeedOption = None,
        fast: FastOption = False,
        strategy: StrategyOption = None,
        tpu: TpuOption = None,
    ) -> None:
        given = overrides(set, data=data, seed=seed, fast=fast, strategy=strategy, tpu=tpu)
        act(open_run(run, config, given, read_cluster()))

    # Not functools.wraps: Typer would read the parameters of `act`.
    command.__name__, command.__doc__ = act.__name__, act.__doc__
    return command
