"""`scalenet info`: what spaces, the paper's family, recipes, runs, configurations and data hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from scalenet_tf.utils.tf_setup import load_tensorflow

app = typer.Typer(
    help="Print what a space, the paper's family, a recipe, a run, the configuration or a data source holds.",
    no_args_is_help=True,
)


@app.command(epilog="Example: scalenet info space paper")
def space(
    name: Annotated[str, typer.Argument(metavar="NAME|YAML", help="paper, medium, small, or a YAML file.")],
) -> None:
    """A search space: its stages, how many bases it holds, and what its scaling stages cost."""
    from scalenet_tf.cli.describe import describe_space
    from scalenet_tf.cli.tables import console
    from scalenet_tf.presets import load_space

    out = console()
    # Piece by piece: a budget out of reach is an error, but the stages above it help to mend it.
    for piece in describe_space(load_space(name)):
        out.print(piece)


@app.command(epilog="Example: scalenet info config search --config quickstart")
def config(
    section: Annotated[
        str | None, typer.Argument(help="One section, such as search. All where none.")
    ] = None,
    config: Annotated[
        str | None, typer.Option("--config", metavar="NAME|YAML", help="Show this configuration's values.")
    ] = None,
) -> None:
    """Every key of the configuration: value, type and meaning."""
    from scalenet_tf.cli.describe import describe_config
    from scalenet_tf.cli.tables import console
    from scalenet_tf.config import RunConfig, load_config

    console().print(describe_config(load_config(config) if config else RunConfig(), section))


@app.command(epilog="Example: scalenet info recipe regularized")
def recipe(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|YAML", help="default, regularized, efficientnet, adamw, or a YAML file."
        ),
    ],
    config: Annotated[
        str | None,
        typer.Option(
            "--config", metavar="NAME|YAML", help="Whose section `members` fills in what the recipe leaves."
        ),
    ] = None,
    stages: Annotated[int, typer.Option("--stages", min=1, help="How many scaling stages.")] = 6,
) -> None:
    """A training recipe: its keys in each scaling stage, and which of them the file states."""
    from scalenet_tf.cli.describe import describe_recipe
    from scalenet_tf.cli.tables import console
    from scalenet_tf.config import RunConfig, load_config

    console().print(describe_recipe(name, (load_config(config) if config else RunConfig()).members, stages))


@app.command(epilog="Example: scalenet info family --classes 10")
def family(
    classes: Annotated[int, typer.Option("--classes", min=2, help="Outputs of the classifier.")] = 1000,
    channels: Annotated[int, typer.Option("--channels", min=1, help="Channels of an image.")] = 3,
) -> None:
    """The paper's family by name, S0 to S5: scalings, blocks, multiply-adds and parameters; no weights."""
    from scalenet_tf.cli.describe import describe_family
    from scalenet_tf.cli.tables import console

    out = console()
    for piece in describe_family(channels, classes):
        out.print(piece)


@app.command(epilog="Example: scalenet info run runs/first")
def run(path: Annotated[Path, typer.Argument(metavar="DIR", help="A run's directory.")]) -> None:
    """A run: which steps are done, its family, and the command that goes on."""
    from scalenet_tf.cli.tables import console, print_outcome
    from scalenet_tf.report.status import step_states
    from scalenet_tf.run import Run

    opened = Run.open(path)
    out = console()
    source, seed = opened.config.data.source, opened.config.seed
    out.print(f"run {opened.path}: {source}, space {opened.config.space}, seed {seed}")
    states = step_states(opened)
    for name, state in states.items():
        out.print(f"  {name:<8} {state}")
    print_outcome(opened)
    left = [name for name, state in states.items() if state != "done"]
    if left:
        # A transferred run has no super-supernet to train first: its steps one by one.
        command = "run" if "train" in states else left[0]
        out.print(f"go on: {opened.command(command)}", soft_wrap=True)


@app.command(epilog="Example: scalenet info data folder:photos")
def data(
    source: Annotated[
        str, typer.Argument(metavar="SOURCE", help="bundled, tfds:NAME, folder:PATH or tfrecord:PATH.")
    ],
    data_dir: Annotated[
        str | None, typer.Option("--data-dir", help="Where TFDS keeps its data sets.")
    ] = None,
    image_size: Annotated[
        int | None, typer.Option("--image-size", min=1, help="Side to which images are resized when decoded.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the splits.")] = 0,
) -> None:
    """A data source: image size, channels, classes and the size of each split."""
    from scalenet_tf.cli.tables import console, data_table
    from scalenet_tf.config import DataConfig

    load_tensorflow()
    from scalenet_tf.data import load_data

    chosen = DataConfig(source=source, data_dir=data_dir, image_size=image_size)
    console().print(data_table(source, load_data(chosen, seed).info))
