"""`scalenet pipelines`: run the pipeline on this machine, compile, submit or schedule it.

`python -m pipelines` is the same.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from pipelines import options
from pipelines.target import load_target
from scalenet_tf.cli.json_result import JsonOption, write_result
from scalenet_tf.cli.words import check_words
from scalenet_tf.config import override_texts
from scalenet_tf.errors import InvalidInputError, ScaleNetError
from scalenet_tf.utils.printable import write_line
from scalenet_tf.utils.streams import open_standard_streams
from scalenet_tf.utils.system import check_system
from scalenet_tf.utils.system_errors import user_errors

app = typer.Typer(
    name="pipelines",
    help="Run the main job as a pipeline of components, on this machine, Kubeflow or Vertex AI.",
    epilog="Get started: scalenet pipelines run-local --config smoke",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the client's calls and send nothing.")]
Name = Annotated[str, typer.Option("--name", help="Name that the run or schedule is listed under.")]


def main() -> None:
    """Runs the command line. User errors exit with code 2, failed pipeline steps with 1."""
    open_standard_streams()
    try:
        with user_errors():
            check_system()
            check_words(sys.argv[1:])
            app(prog_name="python -m pipelines")
    except ScaleNetError as error:
        write_line(f"pipelines: {error}", sys.stderr)
        sys.exit(2)


@app.command(epilog="Example: scalenet pipelines run-local --config photos --data folder:photos")
@options.asks
def run_local(
    ask: options.Ask,
    root: Annotated[
        str | None,
        typer.Option("--root", metavar="DIR", help="Folder for artifacts, checkpoints, cache and logs."),
    ] = None,
    push: Annotated[
        str | None,
        typer.Option(
            "--push", metavar="DIR|URL", help="Folder or URL to push models to. Default: ROOT/served."
        ),
    ] = None,
    target: Annotated[
        str,
        typer.Option("--target", metavar="NAME|YAML", help="Target: local, or the YAML file of a local one."),
    ] = "local",
    target_set: options.TargetSetOption = None,
) -> None:
    """Run the whole pipeline on this machine. The same command resumes after the finished steps."""
    from pipelines.local.supervise import supervise

    chosen = load_target(target, [*(target_set or []), *override_texts({"pipeline_root": root or None})])
    if chosen.name != "local":
        raise InvalidInputError(f"`--target` must be a local one here. Received: {target}. See submit.")
    options.need_packages(chosen)
    root_path = os.path.abspath(os.path.expanduser(chosen.pipeline_root))
    chosen = chosen.model_copy(
        update={"pipeline_root": root_path, "scratch": chosen.scratch or os.path.join(root_path, "scratch")}
    )
    parameters = ask(chosen, push or os.path.join(root_path, "served"))
    raise typer.Exit(
        supervise(
            {"target": chosen.model_dump(mode="json", exclude_unset=True), "arguments": parameters.arguments}
        )
    )


@app.command(
    "compile",
    epilog="Example: scalenet pipelines compile --target kubeflow --output family.yaml --target-set image=…",
)
@options.asks
def compile_command(
    ask: options.Ask,
    target: options.TargetOption,
    output: Annotated[
        str, typer.Option("--output", metavar="FILE", help="Path or URL of the .yaml file to write.")
    ],
    push: Annotated[
        str | None,
        typer.Option(
            "--push",
            metavar="DIR|URL",
            help="Folder or URL to push models to. Default: given when the file is started.",
        ),
    ] = None,
    target_set: options.TargetSetOption = None,
    json: JsonOption = False,
) -> None:
    """Compile the pipeline to a file for a cluster, and check it strictly."""
    from pipelines.compile import compile_pipeline

    chosen = options.cluster_target(target, target_set)
    parameters = ask(chosen, push)
    compiled = compile_pipeline(chosen, parameters, output)
    if json:
        write_result("pipelines compile", {"file": str(compiled), "target": chosen.name})
    else:
        write_line(f"{compiled}: valid for {chosen.name}")


@app.command(epilog="Example: scalenet pipelines validate family.yaml")
def validate(
    file: Annotated[str, typer.Argument(metavar="FILE", help="Compiled pipeline.")],
    json: JsonOption = False,
) -> None:
    """Check a compiled pipeline strictly, without a network."""
    from pipelines.validate import validate_file

    validate_file(file)
    if json:
        write_result("pipelines validate", {"file": file, "valid": True})
    else:
        write_line(f"{file}: valid")


@app.command(
    epilog="Example: scalenet pipelines submit --target vertex --push gs://BUCKET/models "
    "--target-set image=… --target-set vertex.project=ID --target-set pipeline_root=gs://BUCKET/runs"
)
@options.asks
def submit(
    ask: options.Ask,
    target: options.TargetOption,
    push: options.PushOption,
    name: Name = "scalenet-family",
    target_set: options.TargetSetOption = None,
    dry_run: DryRun = False,
    json: JsonOption = False,
) -> None:
    """Start a run on a cluster."""
    from pipelines.submit import submit as send

    chosen = options.cluster_target(target, target_set)
    parameters = ask(chosen, push)
    calls: list[str] = []
    rehearse = calls.append if json else write_line
    answer = send(chosen, parameters, name, rehearse=rehearse if dry_run else None)
    _print_sent("submit", answer, calls, json=json)


@app.command(
    epilog="Example: scalenet pipelines schedule --target kubeflow --cron '0 3 * * 1' "
    "--push gs://BUCKET/models --target-set image=… --dry-run"
)
@options.asks
def schedule(
    ask: options.Ask,
    target: options.TargetOption,
    push: options.PushOption,
    cron: Annotated[
        str,
        typer.Option(
            "--cron",
            help="Minute, hour, day, month and weekday in UTC: '0 3 * * 1' is every Monday at 3:00.",
        ),
    ],
    name: Name = "scalenet-family",
    target_set: options.TargetSetOption = None,
    dry_run: DryRun = False,
    json: JsonOption = False,
) -> None:
    """Start runs on a cluster at the times that a cron expression gives."""
    from pipelines.submit import submit as send

    chosen = options.cluster_target(target, target_set)
    parameters = ask(chosen, push)
    calls: list[str] = []
    rehearse = calls.append if json else write_line
    answer = send(chosen, parameters, name, cron=cron, rehearse=rehearse if dry_run else None)
    _print_sent("schedule", answer, calls, json=json)


def _print_sent(command: str, answer: str, calls: list[str], *, json: bool) -> None:
    if json:
        write_result(f"pipelines {command}", {"answer": answer, "calls": calls})
    else:
        write_line(answer)
