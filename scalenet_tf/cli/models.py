"""Commands that use what a search found and trained: best, evaluate, predict, transfer."""

from __future__ import annotations

import logging
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from scalenet_tf.cli import options
from scalenet_tf.cli.json_result import JsonOption, write_result
from scalenet_tf.cli.scaling_stage import MemberOption, check_stages
from scalenet_tf.data.named_images import named_images
from scalenet_tf.run.exports import Format, check_runtime
from scalenet_tf.utils.printable import one_line, write_line
from scalenet_tf.utils.tf_setup import load_tensorflow

logger = logging.getLogger(__name__)

PANEL = "Models"


def _limit(name: str, quantity: str, example: str, least: float = 1) -> Any:
    return typer.Option(
        name,
        min=least,
        max=1e30,
        metavar="N",
        help=f"Maximum {quantity}, for example {example}.",
    )


def register(app: typer.Typer) -> None:
    """Adds the commands `best`, `evaluate`, `predict` and `transfer` to `app`."""
    for command, example in (
        (best, "scalenet best --run runs/first --stage 2 --count 5 --max-parameters 90e3 --max-memory 60e3"),
        (evaluate, "scalenet evaluate --run runs/first --stage 0 --data folder:photos --file litert"),
        (predict, "scalenet predict cat.jpg more/ --run runs/first --stage 4"),
        (transfer, "scalenet transfer --run runs/first --stage 2 --data folder:photos --output runs/photos"),
    ):
        app.command(epilog=f"Example: {example}", rich_help_panel=PANEL)(command)


def best(
    run: options.RunOption,
    stage: MemberOption = 0,
    count: Annotated[int, typer.Option("--count", min=1, help="Maximum number of trials to show.")] = 1,
    max_macs: Annotated[float | None, _limit("--max-macs", "multiply-adds per image", "6e8")] = None,
    max_parameters: Annotated[
        float | None, _limit("--max-parameters", "number of trainable parameters", "5e6")
    ] = None,
    max_memory: Annotated[
        float | None,
        _limit("--max-memory", "peak memory of activations in bytes, for one float32 image", "4e6"),
    ] = None,
    max_latency_ms: Annotated[
        float | None,
        _limit("--max-latency-ms", "latency per image in milliseconds, by the latency table", "4.5", 0),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show the best trials of one scaling stage within limits, even while the search is running."""
    from scalenet_tf.cli.fitted import console
    from scalenet_tf.cli.run_result import trial_result
    from scalenet_tf.cli.tables import trials_table
    from scalenet_tf.search.best import Limits, best_of_stage

    limits = Limits(max_macs, max_parameters, max_memory, max_latency_ms)
    trials = best_of_stage(options.open_run(run, None, []), stage, count, limits)
    if json:
        write_result("best", [trial_result(trial) for trial in trials])
    else:
        console().print(trials_table(stage, trials))


def evaluate(
    run: options.RunOption,
    stage: MemberOption,
    data: Annotated[
        str | None,
        typer.Option(
            "--data",
            metavar="SOURCE",
            help="New data to evaluate on: a folder's path or another source, with classes of the run. "
            "Default: the run's own data.",
        ),
    ] = None,
    split: Annotated[
        Literal["test", "validation", "train"],
        typer.Option(
            "--split",
            help="Split to evaluate. For new data without a test split of its own, `test` is its "
            "validation split; without any, all of it.",
        ),
    ] = "test",
    skip_corrupt: Annotated[
        bool, typer.Option("--skip-corrupt", help="Skip images of the new data that cannot be decoded.")
    ] = False,
    file: Annotated[
        str | None,
        typer.Option(
            "--file",
            metavar="KIND",
            help="Evaluate this file of the member instead of its Keras model: an export format or a "
            "compression method.",
        ),
    ] = None,
    json: JsonOption = False,
) -> None:
    """Measure the accuracy of a member, or of one of its files, on the run's data or on new data.

    For the task multi_label it is the mean average precision.
    """
    opened = options.open_run(run, None, [])
    check_stages(opened, [stage])
    if file is not None:
        _check_runtime(file)
    load_tensorflow()
    if file is None:
        from scalenet_tf.members import evaluate_member

        result = evaluate_member(opened, stage, data, split, skip_corrupt=skip_corrupt)
    else:
        from scalenet_tf.export.evaluation import evaluate_file

        result = evaluate_file(opened, stage, file, data, split, skip_corrupt=skip_corrupt)
    if json:
        write_result("evaluate", {"stage": stage, "split": split, "file": file, **asdict(result)})
    else:
        source, what = data or opened.config.data.source, f"S{stage}" + (f" as {file}" if file else "")
        write_line(result.line(what, source, split))
        if result.skipped:
            write_line(f"{result.skipped:,} images could not be decoded and are left out")


def _check_runtime(file: str) -> None:
    """Raises ScaleNetError if the runtime of a member's file is not installed."""
    from scalenet_tf.compress.file_kinds import checked_kind
    from scalenet_tf.compress.options import METHODS, check_measurable

    if file in METHODS:
        check_measurable()
    else:
        check_runtime(Format(checked_kind(file)))


def predict(
    images: Annotated[
        list[Path], typer.Argument(metavar="IMAGES...", help="Image files, or folders of images.")
    ],
    run: options.RunOption,
    stage: MemberOption,
    top: Annotated[
        int | None,
        typer.Option(
            "--top",
            min=1,
            max=10**6,
            help="Number of labels per image, up to 5. Default: 3; for the task multi_label, all classes.",
        ),
    ] = None,
    skip_corrupt: Annotated[
        bool, typer.Option("--skip-corrupt", help="Exit with 0 even if some images cannot be read.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Classify images with a member's SavedModel.

    For the task multi_label, the classes of a probability of at least 50 % come first, then all of them.

    Images that cannot be read are named on stderr, and the command exits with 2 after classifying the others.
    """
    opened = options.open_run(run, None, [])
    check_stages(opened, [stage])
    named_images(images)  # A wrong path is told before TensorFlow, which takes seconds to load.
    load_tensorflow()
    from scalenet_tf.config import Task
    from scalenet_tf.members import predict_member

    if top is None and opened.config.task is Task.single_label:
        top = 3
    predictions = predict_member(opened, stage, images, top)
    if json:
        write_result("predict", predictions)
    for prediction in predictions:
        path = one_line(str(prediction.image))
        if prediction.error is not None:
            write_line(f"{path}: {prediction.error}", sys.stderr)
        elif not json:
            answers = zip(prediction.labels, prediction.probabilities, strict=True)
            shown = ", ".join(f"{one_line(label)} {share:.1%}" for label, share in answers)
            if prediction.present is not None:
                named = ", ".join(map(one_line, prediction.present)) or "no class"
                shown = f"{named} ({shown})"
            write_line(f"{path}: {shown}")
    if not skip_corrupt and any(prediction.error is not None for prediction in predictions):
        raise typer.Exit(2)


def transfer(
    run: options.RunOption,
    stage: MemberOption,
    data: Annotated[
        str,
        typer.Option(
            "--data",
            metavar="SOURCE",
            help="Images to train on, with any classes: a folder's path or another source.",
        ),
    ],
    output: Annotated[
        Path,
        typer.Option(
            "--output", metavar="DIR", help="Directory of the new run. The same command resumes it."
        ),
    ],
    set: options.SetOption = None,
    json: JsonOption = False,
) -> None:
    """Fine-tune a member on other data, with a new head, in a run of its own."""
    opened = options.open_run(run, None, [])
    check_stages(opened, [stage])
    logger.info("S%d of %s is fine-tuned on %s", stage, run, data)
    load_tensorflow()
    from scalenet_tf.members import transfer_member
    from scalenet_tf.run import Run

    result = transfer_member(opened, stage, data, output, set or [])
    new = Run.open(output)
    if json:
        from scalenet_tf.cli.run_result import run_result

        return write_result("transfer", run_result(new))
    write_line(
        f"S{stage} on {data}: test {new.config.task.score} {result.test_accuracy:.2%}, {result.folder}"
    )
    logger.info("next: %s", new.command("export", stage))
