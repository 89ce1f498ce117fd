"""`scalenet compress`: LiteRT files of a member, smaller or faster."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from scalenet_tf.cli import options
from scalenet_tf.cli.json_result import JsonOption, write_result
from scalenet_tf.cli.models import PANEL
from scalenet_tf.cli.resume import resumable
from scalenet_tf.cli.scaling_stage import MemberOption, check_stages

if TYPE_CHECKING:
    from scalenet_tf.compress import CompressOptions


def register(app: typer.Typer) -> None:
    """Adds the command `compress` to `app`."""
    example = "Example: scalenet compress --run runs/first --stage 0 --method ptq-int8 --method qat-int8"
    app.command(epilog=example, rich_help_panel=PANEL)(compress)


def compress(
    run: options.RunOption,
    stage: MemberOption,
    method: Annotated[
        list[str],
        typer.Option(
            "--method",
            metavar="M",
            help="Compression method: ptq-int8, ptq-float16, qat-int8, prune or cluster. Repeatable.",
        ),
    ],
    epochs: Annotated[
        int, typer.Option(min=1, help="Epochs of fine-tuning for qat-int8, prune and cluster.")
    ] = 2,
    learning_rate: Annotated[
        float, typer.Option(help="Initial learning rate of Adam, which decays to 0.")
    ] = 1e-3,
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="Batch size of fine-tuning. Default: the member's recipe.")
    ] = None,
    sparsity: Annotated[
        float, typer.Option(help="Fraction of the weights that prune sets to zero, 0 to 1.")
    ] = 0.6,
    clusters: Annotated[
        int, typer.Option(min=2, help="Number of distinct values that cluster leaves in a kernel.")
    ] = 16,
    calibration_images: Annotated[
        int, typer.Option(min=1, help="Number of training images that calibrate ptq-int8 and qat-int8.")
    ] = 300,
    seed: Annotated[
        int | None,
        typer.Option(
            min=0, help="Random seed of fine-tuning and of the calibration images. Default: the run's."
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Compress a trained member to LiteRT files, and measure each file by running it.

    A file takes images in 0…255 at the member's resolution, as uint8 (int8 methods) or float32, and returns
    logits. Files and metrics are written to members/sN/compressed/METHOD; finished methods are skipped.
    """
    from scalenet_tf.cli.fitted import console
    from scalenet_tf.cli.tables import compression_table
    from scalenet_tf.compress import CompressOptions, compress_member
    from scalenet_tf.compress.options import check_method
    from scalenet_tf.report.compression import compression_rows

    opened = options.open_run(run, None, [])
    check_stages(opened, [stage])
    methods = [check_method(name) for name in method]
    chosen = CompressOptions.of(
        epochs=epochs,
        learning_rate=learning_rate,
        batch_size=batch_size,
        sparsity=sparsity,
        clusters=clusters,
        calibration_images=calibration_images,
        seed=seed,
    )
    again = [word for name in methods for word in ("--method", name)]
    again += _options_of(chosen)
    with resumable(f"{opened.command('compress', stage)} {shlex.join(again)}"):
        for name in methods:
            compress_member(opened, stage, name, chosen)
    rows = compression_rows(opened, stage)
    if json:
        write_result("compress", rows)
    else:
        console().print(compression_table(rows))


def _options_of(chosen: CompressOptions) -> list[str]:
    """Returns the command-line words that give these options again."""
    differing = chosen.model_dump(exclude_defaults=True)
    return [word for key, value in differing.items() for word in (f"--{key.replace('_', '-')}", str(value))]
