"""Options that several commands share, and opening the run that they name."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from scalenet_tf.distribute.cluster import Cluster
from scalenet_tf.run.exports import Format

if TYPE_CHECKING:
    from scalenet_tf.run import Run

ALONE = Cluster()

RunOption = Annotated[Path, typer.Option("--run", metavar="DIR", help="Directory of the run.")]
ConfigOption = Annotated[
    str | None,
    typer.Option(
        "--config",
        metavar="NAME|YAML",
        help="Configuration of a new run: quickstart, smoke, fashion_mnist, colour32, photos, imagenet, or a "
        "YAML file. Default with --data: the one that fits the images.",
    ),
]
SetOption = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="Override a configuration key, for example search.rounds=4. Repeatable.",
    ),
]
DataOption = Annotated[
    str | None,
    typer.Option(
        "--data",
        metavar="SOURCE",
        help="Data source: a folder's path, bundled, tfds:NAME or tfrecord:PATH. Sets data.source.",
    ),
]
SeedOption = Annotated[int | None, typer.Option("--seed", min=0, help="Random seed of the run. Sets seed.")]
FastOption = Annotated[
    bool, typer.Option("--fast", help="Trade bitwise reproducibility for speed. Sets fast.")
]
StrategyOption = Annotated[
    str | None,
    typer.Option(
        "--strategy",
        help="Where to train: auto (a TPU if available, else all GPUs, else the CPU), one_device, mirrored "
        "(all devices of this machine), multi_worker (all devices of the workers in TF_CONFIG; start this "
        "command on each of them, with --run on shared storage) or tpu. Sets strategy.",
    ),
]
TpuOption = Annotated[
    str | None,
    typer.Option(
        "--tpu",
        metavar="NAME",
        help="Name or address of the TPU, which may differ when a run is resumed. Sets tpu.",
    ),
]
DryRunOption = Annotated[
    bool,
    typer.Option(
        "--dry-run",
        help="Print the images, the family, the work of each step and its time, measured by a few steps on "
        "this device. Nothing is written.",
    ),
]
MinutesOption = Annotated[
    float | None,
    typer.Option(
        "--minutes",
        min=0.1,
        max=1e6,
        metavar="N",
        help="Make a new run short enough to take at most about N minutes on this device, by fewer steps, "
        "rounds and epochs, which config.yaml records. A run that has begun keeps its settings.",
    ),
]
FormatOption = Annotated[
    list[Format] | None,
    typer.Option(
        "--format",
        help="Export format. Repeatable. Default: saved_model. litert and onnx need the extra `export`.",
    ),
]

JobsOption = Annotated[
    int | None,
    typer.Option(
        "--jobs",
        min=1,
        max=1024,
        metavar="N",
        help="Number of members to train at the same time, each in its own process. Default: members.jobs.",
    ),
]

RoundsOption = Annotated[
    int | None,
    typer.Option(
        "--rounds",
        min=1,
        metavar="N",
        help="Total number of search rounds. A finished search continues if N exceeds the rounds it has had. "
        "Sets search.rounds.",
    ),
]
ChiefOption = Annotated[
    bool,
    typer.Option(
        "--chief",
        help="Run as the chief of a distributed search: keep its state and let workers score the candidates. "
        "The same command resumes it.",
    ),
]
WorkerOption = Annotated[
    str | None,
    typer.Option(
        "--worker",
        metavar="NAME",
        help="Run as a worker that scores candidates for the chief. Each worker needs a name of its own.",
    ),
]
AddressOption = Annotated[
    str | None,
    typer.Option(
        "--address",
        metavar="HOST:PORT",
        help="Address of the chief: it listens there (0.0.0.0:PORT for all interfaces), and workers connect "
        "to it. Default: KERASTUNER_ORACLE_IP and KERASTUNER_ORACLE_PORT, else 127.0.0.1:8470.",
    ),
]
CertificateOption = Annotated[
    str | None,
    typer.Option(
        "--certificate",
        metavar="FILE",
        help="Encrypt the connection with TLS: PEM file of the chief's certificate, and for a worker of the "
        "certificates that it trusts. Default: SCALENET_SEARCH_CERTIFICATE_FILE, else no TLS.",
    ),
]
KeyOption = Annotated[
    str | None,
    typer.Option(
        "--key",
        metavar="FILE",
        help="PEM file of the chief's private key, for TLS. Default: SCALENET_SEARCH_KEY_FILE.",
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
    """Returns the texts of --set, followed by those that the short options stand for."""
    from scalenet_tf.config import override_texts

    short = {"data.source": data, "seed": seed, "fast": fast or None, "strategy": strategy, "tpu": tpu}
    return [*(given or []), *override_texts(short)]


def open_run(path: Path, config: str | None, given: list[str], cluster: Cluster = ALONE) -> Run:
    """Opens the run at `path`, or starts one with `config` and the overrides.

    In a cluster the chief does this, and the other workers wait for it.

    Args:
      path: Directory of the run.
      config: Name or path of a configuration; None to use the run's own.
      given: Overrides as "dotted.key=value".
      cluster: Place of this process among the workers.

    Raises:
      ScaleNetError: If there is neither a run nor a configuration, or the run was started with another
        configuration.
    """
    from scalenet_tf.cli.begin import asked_config
    from scalenet_tf.config import override_config
    from scalenet_tf.data.moved import begin_or_continue
    from scalenet_tf.run import Run
    from scalenet_tf.run.changed_keys import names_copied_files

    own_files = config is None and not names_copied_files(text.partition("=")[0] for text in given)
    if not cluster.chief:
        if config is not None:
            return Run.join(path, asked_config(path, config, given))
        run = Run.join(path)
        # Not read from the file again: the chief may be rewriting it.
        asked = override_config(run.config, given)
        return Run.join(path, asked, own_files=own_files) if given else run
    if config is None and not given:
        return Run.open(path)
    return begin_or_continue(path, asked_config(path, config, given), own_files=own_files)
