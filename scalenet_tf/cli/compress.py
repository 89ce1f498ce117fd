"""The command that compresses a member."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from scalenet_tf.cli import options
from scalenet_tf.cli.models import PANEL, MemberOption
from scalenet_tf.cli.resume import resumable

if TYPE_CHECKING:
    from scalenet_tf.compress import CompressOptions


def register(app: typer.Typer) -> None:
    """Adds compress to `app`."""
    example = "Example: scalenet compress --run runs/first --stage 0 --method ptq-int8 --method qat-int8"
    app.command(epilog=example, rich_help_panel=PANEL)(compress)


def compress(
    run: options.RunOption,
    stage: MemberOption,
    method: Annotated[
        list[str],
        typer.Option(
            "--method", metavar="M", help="ptq-int8, ptq-float16, qat-int8, prune or cluster; repeatable."
        ),
    ],
    epochs: Annotated[int, typer.Option(min=1, help="Of fine-tuning: qat-int8, prune, cluster.")] = 2,
    learning_rate: Annotated[float, typer.Option(help="Of Adam at its beginning; it falls to 0.")] = 1e-3,
    batch_size: Annotated[
        int | None, typer.Option(min=1, help="Of fine-tuning; the member's recipe's where not given.")
    ] = None,
    sparsity: Annotated[float, typer.Option(help="Share of zeros that prune makes, 0 to 1.")] = 0.6,
    clusters: Annotated[int, typer.Option(min=2, help="Values of a kernel that cluster leaves.")] = 16,
    calibration_images: Annotated[
        int, typer.Option(min=1, help="Training images that ptq-int8 measures ranges on.")
    ] = 300,
    seed: Annotated[int | None, typer.Option(min=0, help="The run's where not given.")] = None,
) -> None:
    """Compress a trained member to LiteRT files, and measure each by running it.

    A file takes images in 0…255 at the member's resolution, uint8 (int8 methods) or float32, and gives
    logits. It is written to members/sN/compressed/METHOD with its figures; what is finished is kept.
    """
    from scalenet_tf.cli.tables import compression_table, console
    from scalenet_tf.compress import CompressOptions, compress_member
    from scalenet_tf.compress.options import check_method
    from scalenet_tf.report.compression import compression_rows

    opened = options.open_run(run, None, [])
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
    console().print(compression_table(compression_rows(opened, stage)))


def _options_of(chosen: CompressOptions) -> list[str]:
    """The words that give these options again."""
    differing = chosen.model_dump(exclude_defaults=True)
    return [word for key, value in differing.items() for word in (f"--{key.replace('_', '-')}", str(value))]
