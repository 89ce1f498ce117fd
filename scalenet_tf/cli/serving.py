"""Commands for TensorFlow Serving: write its files, check a running server."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from scalenet_tf.cli import options
from scalenet_tf.cli.json_result import JsonOption, write_result
from scalenet_tf.cli.resume import resumable
from scalenet_tf.cli.scaling_stage import parse_model
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils.extras import check_serving_api
from scalenet_tf.utils.printable import write_line
from scalenet_tf.utils.tf_setup import load_tensorflow

logger = logging.getLogger(__name__)

PANEL = "Serving"


def register(app: typer.Typer) -> None:
    """Adds the commands `serve-files` and `serve-check` to `app`."""
    for name, command, example in (
        ("serve-files", serve_files, "scalenet serve-files --run runs/first --output serving --cores 4"),
        (
            "serve-check",
            serve_check,
            "scalenet serve-check --run runs/first --model s1 --target localhost:8500 --rest localhost:8501",
        ),
    ):
        app.command(name, epilog=f"Example: {example}", rich_help_panel=PANEL)(command)


def serve_files(
    run: options.RunOption,
    output: Annotated[
        Path, typer.Option("--output", metavar="DIR", help="Folder to serve from, created or updated.")
    ],
    stable: Annotated[
        int | None,
        typer.Option(
            "--stable", min=1, help="Move the label `stable` to this version, which must be loaded."
        ),
    ] = None,
    canary: Annotated[
        int | None,
        typer.Option(
            "--canary", min=1, help="Move the label `canary` to this version, which must be loaded."
        ),
    ] = None,
    image: Annotated[
        str | None,
        typer.Option(
            "--image",
            help="Container image of the server. NAME@sha256:DIGEST pins its content.",
        ),
    ] = None,
    memory: Annotated[
        str | None,
        typer.Option(
            "--memory", help="Memory limit of the server, such as 512Mi. Default for a new folder: 4Gi."
        ),
    ] = None,
    cores: Annotated[
        int | None,
        typer.Option("--cores", min=1, help="CPU cores of the server. Default for a new folder: 2."),
    ] = None,
    onednn: Annotated[
        bool | None,
        typer.Option(
            "--onednn/--no-onednn",
            help="Use oneDNN's kernels. Default for a new folder: only if a member is large.",
        ),
    ] = None,
    batching: Annotated[
        bool | None,
        typer.Option(
            "--batching/--no-batching",
            help="Batch requests of several clients. Default for a new folder: yes.",
        ),
    ] = None,
    max_batch_size: Annotated[
        int | None,
        typer.Option(
            "--max-batch-size", min=1, help="Maximum number of images in a batch, and in a request."
        ),
    ] = None,
    timeout_micros: Annotated[
        int | None,
        typer.Option(
            "--batch-timeout",
            min=0,
            metavar="MICROSECONDS",
            help="How long a request waits for others to join its batch.",
        ),
    ] = None,
    allowed_batch_sizes: Annotated[
        list[int] | None,
        typer.Option("--allowed-batch-size", min=1, help="Pad batches to this size. Repeatable."),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Write the files with which TensorFlow Serving serves the whole family.

    Run it again to add a version or to move a label. Settings that are not given keep the folder's values.
    """
    check_serving_api("serve-files")
    opened = options.open_run(run, None, [])
    logger.info("the files of %s for TensorFlow Serving, in %s", run, output)
    given: dict[str, object] = {"image": image, "memory": memory, "cores": cores, "onednn": onednn}
    joined: dict[str, object] = {
        "max_batch_size": max_batch_size,
        "timeout_micros": timeout_micros,
        "allowed_batch_sizes": tuple(allowed_batch_sizes) if allowed_batch_sizes else None,
    }
    again = ["scalenet", "serve-files", "--run", str(run), "--output", str(output)]
    labels: dict[str, object] = {"stable": stable, "canary": canary}
    with resumable(shlex.join([*again, *_words_of({**given, **joined, **labels, "batching": batching})])):
        load_tensorflow()
        from scalenet_tf.serving import family_folder

        settings = family_folder.read_settings(output).changed(batching, joined, given)
        served = family_folder.serve_files(opened, output, settings=settings, stable=stable, canary=canary)
    rollout = served.rollout
    if json:
        shown = {"output": output, "models": served.names, "version": served.version, "rollout": rollout}
        return write_result("serve-files", shown)
    loaded = ", ".join(map(str, rollout.loaded))
    write_line(f"{', '.join(served.names)}: the run's members are version {served.version} in {output}")
    write_line(f"loaded: {loaded}; stable: {rollout.stable}; canary: {rollout.canary}")
    if served.version not in (rollout.stable, rollout.canary):
        label = shlex.join([*again, "--canary", str(served.version)])
        write_line(f"once the server has loaded version {served.version}: {label}")
    else:
        start = shlex.join(["docker", "compose", "--project-directory", str(output), "up"])
        write_line(f"start: {start}, or see docs/guides/serve.md")


def _words_of(given: Mapping[str, object]) -> list[str]:
    """Returns the command-line words that give options of `serve-files` again, those that are not None."""
    named = {"timeout_micros": "batch-timeout", "allowed_batch_sizes": "allowed-batch-size"}
    words: list[str] = []
    for key, value in given.items():
        option = named.get(key, key.replace("_", "-"))
        if isinstance(value, bool):
            words.append(f"--{option}" if value else f"--no-{option}")
        elif value is not None:
            every = value if isinstance(value, tuple) else (value,)
            words += [word for one in every for word in (f"--{option}", str(one))]
    return words


def serve_check(
    run: options.RunOption,
    model: Annotated[
        str,
        typer.Option(
            "--model",
            parser=parse_model,
            metavar="NAME",
            help="Name of the served member: s1, S1 or 1.",
        ),
    ],
    target: Annotated[str, typer.Option("--target", metavar="HOST:PORT", help="gRPC address of the server.")],
    rest: Annotated[
        str | None,
        typer.Option(
            "--rest", metavar="HOST:PORT", help="REST address of the server, to check both protocols."
        ),
    ] = None,
    version: Annotated[
        int | None, typer.Option("--version", min=1, help="Version to check. Default: the newest.")
    ] = None,
    label: Annotated[str | None, typer.Option("--label", help="Label of the version to check.")] = None,
    images: Annotated[
        int, typer.Option("--images", min=1, max=10**6, help="Number of validation images to compare.")
    ] = 64,
    requests: Annotated[
        int,
        typer.Option(
            "--requests", min=0, max=10**6, help="Number of requests to measure latency with; 0 for none."
        ),
    ] = 200,
    concurrency: Annotated[
        int, typer.Option("--concurrency", min=1, max=1024, help="Number of concurrent requests.")
    ] = 4,
    batch: Annotated[
        int, typer.Option("--batch", min=1, max=10**5, help="Images per request when measuring latency.")
    ] = 1,
    tolerance: Annotated[
        float,
        typer.Option("--tolerance", min=0, max=1, help="Largest allowed difference of a probability."),
    ] = 1e-4,
    timeout: Annotated[
        float,
        typer.Option(
            "--timeout",
            min=0.001,
            max=86400,
            help="Seconds to wait for each response.",
        ),
    ] = 10,
    json: JsonOption = False,
) -> None:
    """Compare a running server's predictions with the run's own model, and measure its latency."""
    check_serving_api("serve-check")
    opened = options.open_run(run, None, [])
    load_tensorflow()
    from scalenet_tf.serving.client import ServedModel
    from scalenet_tf.serving.load_test import Load
    from scalenet_tf.serving.server_check import check_server

    served = ServedModel(model, version, label)
    load = Load(requests, concurrency, batch)
    found = check_server(
        opened, served, target, rest, images=images, load=load, tolerance=tolerance, timeout=timeout
    )
    if json:
        write_result("serve-check", {**asdict(found), "agrees": found.agrees})
    else:
        from scalenet_tf.cli.tables import print_check

        print_check(found)
    if not found.agrees:
        worst = max(found.comparisons, key=lambda one: one.largest_difference)
        raise ScaleNetError(
            f"the server's {worst.signature} by {worst.protocol} differs from the run's model by "
            f"{worst.largest_difference:.2g} in a probability (at most {tolerance:g} is allowed). Give the "
            f"run that version {found.version} was made from."
        )
