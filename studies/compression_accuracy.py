"""How much accuracy does compression cost? Compressed files compared with the float file of the same member.

    python -m studies.compression_accuracy --data-dir ~/tfds
    python -m studies.compression_accuracy --report

S0 and S2 of the first base of the small space are trained from scratch with the recipe of the configuration
`fashion_mnist`, once per seed, and compressed by each method. Every file is evaluated by LiteRT's interpreter
on the whole test split. Each seed is a run; a stopped study continues with the same command.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from scalenet_tf import steps
from scalenet_tf.compress import CompressOptions, compress_member
from scalenet_tf.compress.metrics import CompressedMetrics, FileFigures, read_compressed
from scalenet_tf.compress.options import Method, check_method
from scalenet_tf.config import load_config
from scalenet_tf.extrapolation.step import family_members
from scalenet_tf.run import Run
from scalenet_tf.run.family import Family
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.provenance import Environment, provenance
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.space import Scaling
from scalenet_tf.utils.value_file import write_value
from studies.common.cli import run_app
from studies.common.options import DataDir, Trainings, absolute

# S0 to S2 of the search in docs/results/fashion-mnist.md.
SCALINGS = (Scaling.of(1, 1, 16), Scaling.of(1, 1.1, 18), Scaling.of(1.4, 1.2, 18))
STAGES = (0, 2)
METHODS = ("ptq-int8", "qat-int8")
HEADER = """\
| member | file | seeds | test | less float, each seed | to float's bytes | 1 image | to float | 32 images |
|---|---|---|---|---|---|---|---|---|"""


def main(
    output: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder of the runs, one per seed.")] = Path(
        "runs/compression_accuracy"
    ),
    data_dir: DataDir = None,
    seeds: Trainings = 3,
    epochs: Annotated[int, typer.Option(min=1, help="Epochs of fine-tuning.")] = 1,
    method: Annotated[
        list[str] | None, typer.Option(help=f"A method; repeatable. Default: {' and '.join(METHODS)}.")
    ] = None,
    override: Annotated[
        list[str] | None,
        typer.Option("--set", metavar="KEY=VALUE", help="Override a key of the runs; repeatable."),
    ] = None,
    report: Annotated[bool, typer.Option("--report", help="Only print the table of what is done.")] = False,
) -> None:
    """Train, compress and evaluate what is left of a study, and print the table.

    Example: python -m studies.compression_accuracy --seeds 1 --method ptq-int8
    """
    methods = [check_method(name) for name in method or METHODS]
    for seed in range(0 if report else seeds):
        given = [f"seed={seed}", "members.start=scratch", "scale.extra_stages=0", *(override or ())]
        if data_dir:
            given.append(f"data.data_dir={absolute(data_dir)}")
        run = _run(output / f"seed{seed}", given)
        steps.retrain(run, list(STAGES), jobs=1)
        for stage in STAGES:
            for name in methods:
                compress_member(run, stage, name, CompressOptions(epochs=epochs))
    print(markdown(output, methods))


def _run(folder: Path, overrides: Sequence[str]) -> Run:
    """A run with a family of fixed scalings, without a search."""
    run = Run.open_or_create(folder, load_config("fashion_mnist", overrides))
    if not run.family_file.is_file():
        space, started = run.space(), time.monotonic()
        base = draw_subnet(space, 0, 0).base
        members, rule = family_members(space, base, SCALINGS, [None] * len(SCALINGS), run.config.scale)
        family = Family(
            space=space,
            base=base,
            members=members,
            rule=rule,
            provenance=provenance(run),
            environment=Environment.now(time.monotonic() - started),
        )
        write_value(run.family_file, family)
    return run


def markdown(folder: Path, methods: Sequence[Method]) -> str:
    """The table of the files that are done: means over seeds, but medians of times and their ratios.

    Args:
      folder: Folder of the runs.
      methods: Names of the methods, in the order of the rows.
    """
    runs = [RunFolder(run) for run in sorted(folder.glob("seed*"))]
    lines = [HEADER]
    for stage in STAGES:
        for method in methods:
            found = [read_compressed(run, stage, method) for run in runs]
            if done := [metrics for metrics in found if metrics is not None]:
                if method == methods[0]:
                    lines.append(_row(f"S{stage}", "float", [metrics.plain for metrics in done], []))
                lines.append(_row(f"S{stage}", method, [metrics.figures for metrics in done], _ratios(done)))
    return "\n".join(lines)


def _ratios(found: Sequence[CompressedMetrics]) -> list[str]:
    """Cells of a compressed file: accuracy, size and latency relative to the float file."""
    points = [100 * (metrics.test_accuracy - metrics.plain.test_accuracy) for metrics in found]
    times = [metrics.environment for metrics in found]
    one, many = (statistics.median(each.latency_ms[batch] for each in times) for batch in (1, 32))
    ratio = statistics.median(each.latency_ms[1] / each.float_latency_ms[1] for each in times)
    return [
        ", ".join(f"{point:+.2f}" for point in points),
        f"{statistics.mean(metrics.bytes / metrics.plain.bytes for metrics in found):.1%}",
        f"{one:.4f} ms",
        f"{ratio:.2f}",
        f"{many:.3f} ms",
    ]


def _row(member: str, name: str, figures: Sequence[FileFigures], ratios: Sequence[str]) -> str:
    accuracy = statistics.mean(figure.test_accuracy for figure in figures)
    cells = [member, name, str(len(figures)), f"{accuracy:.2%}", *(ratios or [""] * 5)]
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    run_app(lambda: typer.run(main))
