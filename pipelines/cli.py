"""`python -m pipelines`: the pipeline run here, compiled, submitted, scheduled."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from pipelines import options
from pipelines.target import load_target
from scalenet_tf.errors import ScaleNetError

app = typer.Typer(
    name="pipelines",
    help="Run the main job as a pipeline of components: here, on Kubeflow, on Vertex AI.",
    epilog="Begin with: python -m pipelines run-local --config smoke",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
DryRun = Annotated[bool, typer.Option("--dry-run", help="Print the client's calls; send nothing.")]
Name = Annotated[str, typer.Option("--name", help="Under which it is listed.")]


def main() -> None:
    """Runs the command line. A user's error exits with 2, a failed step with 1."""
    try:
        app(prog_name="python -m pipelines")
    except ScaleNetError as error:
        print(f"pipelines: {error}", file=sys.stderr)
        sys.exit(2)


@app.command(epilog="Example: python -m pipelines run-local --config quickstart --data folder:photos")
@options.asks
def run_local(
    ask: options.Ask,
    root: Annotated[
        str | None, typer.Option("--root", metavar="DIR", help="For artifacts, checkpoints, cache and logs.")
    ] = None,
    push: Annotated[
        str | None,
        typer.Option("--push", metavar="PLACE", help="For blessed models; ROOT/served where not given."),
    ] = None,
    target: Annotated[
        str, typer.Option("--target", metavar="NAME|YAML", help="local, or a YAML file of one.")
    ] = "local",
    target_set: options.TargetSetOption = None,
) -> None:
    """Run the whole pipeline on this machine; called again it goes on from the finished steps."""
    from pipelines.local.supervise import supervise

    chosen = load_target(target, [*(target_set or []), *([f"pipeline_root={root}"] if root else [])])
    if chosen.name != "local":
        raise ScaleNetError(f"`--target` must be a local one here. Received: {target}. See submit.")
    options.need_packages(chosen)
    place = os.path.abspath(os.path.expanduser(chosen.pipeline_root))
    chosen = chosen.model_copy(
        update={"pipeline_root": place, "scratch": chosen.scratch or os.path.join(place, "scratch")}
    )
    parameters = ask(chosen, push or os.path.join(place, "served"))
    raise typer.Exit(
        supervise(
            {"target": chosen.model_dump(mode="json", exclude_unset=True), "arguments": parameters.arguments}
        )
    )


@app.command(
    "compile",
    epilog="Example: python -m pipelines compile --target kubeflow --output family.yaml --target-set image=…",
)
@options.asks
def compile_command(
    ask: options.Ask,
    target: options.TargetOption,
    output: Annotated[str, typer.Option("--output", metavar="FILE", help="Path or URL of a .yaml file.")],
    push: Annotated[
        str | None,
        typer.Option(
            "--push", metavar="PLACE", help="As in submit; whoever starts the file says where, else."
        ),
    ] = None,
    target_set: options.TargetSetOption = None,
) -> None:
    """Write the pipeline as the file that a cluster takes, strictly checked."""
    from pipelines.compile import compile_pipeline

    chosen = options.cluster_target(target, target_set)
    parameters = ask(chosen, push)
    typer.echo(f"{compile_pipeline(chosen, parameters, output)}: valid for {chosen.name}")


@app.command(epilog="Example: python -m pipelines validate family.yaml")
def validate(file: Annotated[str, typer.Argument(metavar="FILE", help="A compiled pipeline.")]) -> None:
    """Check a compiled file strictly, without a network."""
    from pipelines.validate import validate_file

    validate_file(file)
    typer.echo(f"{file}: valid")


@app.command(
    epilog="Example: python -m pipelines submit --target vertex --push gs://BUCKET/models "
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
) -> None:
    """Start a run on a cluster."""
    from pipelines.submit import submit as send

    chosen = options.cluster_target(target, target_set)
    parameters = ask(chosen, push)
    typer.echo(send(chosen, parameters, name, rehearse=typer.echo if dry_run else None))


@app.command(
    epilog="Example: python -m pipelines schedule --target kubeflow --cron '0 3 * * 1' "
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
            "--cron", help="Minute, hour, day, month, weekday: '0 3 * * 1' is Mondays at three, UTC."
        ),
    ],
    name: Name = "scalenet-family",
    target_set: options.TargetSetOption = None,
    dry_run: DryRun = False,
) -> None:
    """Start a run on a cluster at times that cron's five fields say."""
    from pipelines.submit import submit as send

    chosen = options.cluster_target(target, target_set)
    parameters = ask(chosen, push)
    typer.echo(send(chosen, parameters, name, cron=cron, rehearse=typer.echo if dry_run else None))
