"""`scalenet info`: describes spaces, the paper's family, recipes, runs, configurations and data sources."""

from __future__ import annotations

import logging
from dataclasses import asdict
from pathlib import Path
from typing import Annotated, Literal

import typer

from scalenet_tf.cli.json_result import JsonOption, write_result
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.tf_setup import load_tensorflow
from scalenet_tf.utils.validation import made

logger = logging.getLogger(__name__)

app = typer.Typer(
    help="Describe a search space, the paper's family, a recipe, a run, the configuration or a data source.",
    no_args_is_help=True,
)


@app.command(epilog="Example: scalenet info space paper")
def space(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME|YAML", help="A shipped space, such as small, or a YAML file."),
    ],
    json: JsonOption = False,
) -> None:
    """Show a search space: its stages, its size, and the cost of its scaling stages."""
    from scalenet_tf.cli.describe_space import describe_space, number_of_bases, scaling_stages
    from scalenet_tf.cli.fitted import console
    from scalenet_tf.presets import load_space
    from scalenet_tf.sampling.pool import check_space

    found = load_space(name)
    if json:
        check_space(found)
        sizes = {"bases": number_of_bases(found), "scaling_stages": scaling_stages(found)}
        return write_result("info space", {"space": found, **sizes})
    out = console()
    # Piece by piece: if the budget is out of reach, the stages printed above the error help to fix it.
    for piece in describe_space(found):
        out.print(piece)
    check_space(found)


@app.command(epilog="Example: scalenet info config search --config quickstart")
def config(
    section: Annotated[
        str | None, typer.Argument(help="Section to show, for example search. Default: all.")
    ] = None,
    config: Annotated[
        str | None, typer.Option("--config", metavar="NAME|YAML", help="Configuration whose values to show.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show every configuration key with its value, type and meaning."""
    from scalenet_tf.cli.describe import config_keys, describe_config
    from scalenet_tf.cli.fitted import console
    from scalenet_tf.config import RunConfig, load_config

    keys = config_keys(load_config(config) if config else RunConfig(), section)
    if json:
        write_result("info config", keys)
    else:
        console().print(describe_config(keys))


@app.command(epilog="Example: scalenet info recipe regularized")
def recipe(
    name: Annotated[
        str,
        typer.Argument(
            metavar="NAME|YAML",
            help="Recipe: default, regularized, or a YAML file.",
        ),
    ],
    config: Annotated[
        str | None,
        typer.Option(
            "--config",
            metavar="NAME|YAML",
            help="Configuration whose section `members` supplies what the recipe omits.",
        ),
    ] = None,
    stages: Annotated[
        int, typer.Option("--stages", min=1, max=64, help="Number of scaling stages to show.")
    ] = 6,
    json: JsonOption = False,
) -> None:
    """Show a training recipe: its keys in each scaling stage, and which of them the file sets."""
    from scalenet_tf.cli.describe import describe_recipe, recipe_values
    from scalenet_tf.cli.fitted import console
    from scalenet_tf.config import RunConfig, load_config

    values = recipe_values(name, (load_config(config) if config else RunConfig()).members, stages)
    if json:
        write_result("info recipe", values)
    else:
        console().print(describe_recipe(name, values))


@app.command(epilog="Example: scalenet info family --classes 10")
def family(
    classes: Annotated[int, typer.Option("--classes", min=2, max=10**6, help="Number of classes.")] = 1000,
    channels: Annotated[
        int, typer.Option("--channels", min=1, max=1024, help="Number of image channels.")
    ] = 3,
    json: JsonOption = False,
) -> None:
    """Show the paper's family, S0 to S5: scalings, blocks, multiply-adds and parameters."""
    from scalenet_tf.cli.describe import describe_family, published_rows
    from scalenet_tf.cli.fitted import console

    rows = published_rows(channels, classes)
    if json:
        from scalenet_tf.cli.run_result import scaling_result

        write_result("info family", [{**asdict(row), "scaling": scaling_result(row.scaling)} for row in rows])
    else:
        console().print(describe_family(rows, channels, classes))


@app.command(epilog="Example: scalenet info run runs/first")
def run(
    path: Annotated[Path | None, typer.Argument(metavar="DIR", help="Directory of the run.")] = None,
    named: Annotated[
        Path | None, typer.Option("--run", metavar="DIR", help="The same, as other commands take it.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Show a run: the state of each job step, its family, and the command that continues it."""
    from scalenet_tf.cli.fitted import console
    from scalenet_tf.cli.run_result import progress_of, run_result
    from scalenet_tf.cli.tables import print_outcome
    from scalenet_tf.run import Run

    given = [found for found in (path, named) if found is not None]
    if len(given) != 1:
        raise InvalidInputError("give one directory of a run: scalenet info run runs/first")
    opened = Run.open(given[0])
    if json:
        return write_result("info run", run_result(opened))
    out, progress = console(), progress_of(opened)
    source, seed = opened.config.data.source, opened.config.seed
    out.print(f"run {opened.path}: {source}, space {opened.config.space}, seed {seed}")
    for name, state in progress.states.items():
        out.print(f"  {name:<8} {state}")
    print_outcome(opened)
    if progress.command is not None:
        out.print(f"continue: {progress.command}", soft_wrap=True)


@app.command(epilog="Example: scalenet info data folder:photos")
def data(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE", help="Data source: a folder's path, bundled, tfds:NAME or tfrecord:PATH."
        ),
    ],
    data_dir: Annotated[
        str | None, typer.Option("--data-dir", help="Folder where TensorFlow Datasets keeps its data.")
    ] = None,
    image_size: Annotated[
        int | None,
        typer.Option("--image-size", min=1, help="Side in pixels that images are resized to when decoded."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the splits.")] = 0,
    task: Annotated[
        Literal["single_label", "multi_label"],
        typer.Option("--task", help="Labels of an image: one, or several."),
    ] = "single_label",
    json: JsonOption = False,
) -> None:
    """Show a data source: image size, channels, classes, and the number of images in each split."""
    from scalenet_tf.cli.fitted import console
    from scalenet_tf.cli.tables import data_table
    from scalenet_tf.config import DataConfig, Task, load_config
    from scalenet_tf.run.paths import check_folder
    from scalenet_tf.run.requested_space import requested_space
    from scalenet_tf.space.compound_growth import expected_side

    logger.info("reading %s", source)
    given = {"source": source, "data_dir": data_dir, "image_size": image_size}
    chosen = made(DataConfig, "the options", given)
    check_folder(chosen)
    load_tensorflow()
    from scalenet_tf.data.load import load_checked
    from scalenet_tf.data.propose import propose_config

    # As a run without a configuration of its own reads them.
    name = "quickstart" if source == "bundled" else propose_config(chosen, Task(task))
    config = load_config(name)
    side = expected_side(requested_space(config), config.scale.extra_stages)
    info = load_checked(chosen, seed, side=side, task=Task(task)).data.info
    if json:
        write_result("info data", {"source": source, **info.model_dump()})
    else:
        console().print(data_table(source, info))
