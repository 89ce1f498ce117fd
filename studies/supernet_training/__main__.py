"""Quality of the super-supernet by the switches of its training, at equal multiply-adds.

    python -m studies.supernet_training run --output quality --source tfds:fashion_mnist --data-dir ~/tfds
    python -m studies.supernet_training run --output quality --data-dir ~/tfds --seed 1 --items 2
    taskset -c 0 python -m studies.supernet_training run --output quality --data-dir ~/tfds --share 1/2 &
    taskset -c 1 python -m studies.supernet_training run --output quality --data-dir ~/tfds --share 2/2
    python -m studies.supernet_training report --output quality
    python -m studies.supernet_training ranking --output quality

Each variant's super-supernet is trained with as many steps as cost the baseline's multiply-adds. Measured are
the accuracy that the smallest, a base and the largest subnet inherit, and Kendall's tau between inherited
accuracy and accuracy from scratch over cheap subnets of all scaling stages, which are trained from scratch
once for all variants. Every item is a JSON file; a run that was stopped goes on with the same command.
"""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from scalenet_tf.config import AugmentationConfig, DataConfig
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.utils.log import enable_logging
from studies.common.study_folder import begin, part_of, read
from studies.supernet_training.study import Study, known

app = typer.Typer(help=__doc__, rich_markup_mode=None, no_args_is_help=True, add_completion=False)
Output = Annotated[Path, typer.Option(help="folder of the study: study.json, items/, runs/")]


@app.command()
def run(
    output: Output = Path("supernet_quality"),
    source: Annotated[str, typer.Option(help="tfds:fashion_mnist, bundled, …")] = "tfds:fashion_mnist",
    data_dir: Annotated[str | None, typer.Option(help="TFDS' data_dir")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="of the study")] = 3,
    seed: Annotated[int | None, typer.Option(help="do this seed's super-supernets alone")] = None,
    items: Annotated[int | None, typer.Option(min=1, help="stop after so many new items")] = None,
    variants: Annotated[
        list[str] | None, typer.Option("--variant", help="of the study; `widths` alone serves `ranking`")
    ] = None,
    per_stage: Annotated[int, typer.Option(min=1, help="subnets of a stage that are trained")] = 15,
    share: Annotated[str, typer.Option(help="K/N: the K-th of N processes that share the work")] = "1/1",
    quick: Annotated[bool, typer.Option(help="a minute's worth of every kind of work")] = False,
) -> None:
    """Does what is left of a study.

    Example: python -m studies.supernet_training run --output quick --source bundled --quick
    """
    from scalenet_tf.utils.tf_setup import load_tensorflow

    load_tensorflow()
    from scalenet_tf.presets import load_space
    from scalenet_tf.utils import tf_setup
    from studies.common.train_from_scratch import images
    from studies.supernet_training.items import items_of, run_items

    tf_setup.setup(fast=False)
    where = str(Path(data_dir).expanduser().resolve()) if data_dir else None
    data = DataConfig(source=source, data_dir=where, augmentation=AugmentationConfig(shift=0.0))
    study = Study.quick(data) if quick else Study(data=data, seeds=seeds, per_stage=per_stage)
    if variants:
        study = study.model_copy(update={"variants": known(variants)})
    begin(output, study)
    info = images(study.data).info
    every = items_of(study, load_space(study.space).for_data(info.channels, info.classes), output)
    mine = [item for item in every if seed is None or item.seed in (None, seed)]
    run_items(part_of(mine, share), output, partial(Console().print, highlight=False, soft_wrap=True), items)


@app.command()
def report(output: Output = Path("supernet_quality")) -> None:
    """Prints the tables of what is done as Markdown.

    Example: python -m studies.supernet_training report --output quality > quality.md
    """
    from studies.supernet_training.table import markdown

    print(markdown(read(output, Study, "python -m studies.supernet_training run"), output))


@app.command()
def ranking(
    output: Output = Path("supernet_quality"),
    seed: Annotated[int | None, typer.Option(help="score with this seed's super-supernet alone")] = None,
) -> None:
    """Scores the subnets with few and many images, and prints how well that ranks them as Markdown.

    Example: python -m studies.supernet_training ranking --output quality --seed 0 > ranking.md
    """
    from scalenet_tf.utils.tf_setup import load_tensorflow

    load_tensorflow()
    from scalenet_tf.utils import tf_setup
    from studies.supernet_training.ranking import markdown, score_all

    tf_setup.setup(fast=False)
    study = read(output, Study, "python -m studies.supernet_training run")
    say = partial(Console(stderr=True).print, highlight=False, soft_wrap=True)
    for number in range(study.seeds) if seed is None else [seed]:
        score_all(study, output, number, say)
    print(markdown(study, output))


if __name__ == "__main__":
    enable_logging()
    try:
        app()
    except ScaleNetError as error:
        sys.exit(f"error: {error}")
