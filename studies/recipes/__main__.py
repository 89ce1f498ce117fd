"""Which training recipe should members take?

    python -m studies.recipes run --size grey --source tfds:fashion_mnist --data-dir ~/tfds --output runs/grey
    python -m studies.recipes run --size colour --source folder:cifar10 --output runs/colour
    python -m studies.recipes report runs/grey

A super-supernet is trained for each seed; then one subnet of a small and of a large scaling stage is
trained by each shipped recipe, all for the same number of epochs. Every training is an item, a JSON file
in the study's folder; a stopped run continues with the same command.
"""

from __future__ import annotations

from typing import Annotated

import typer

from scalenet_tf.errors import ScaleNetError
from studies.common.cli import new_app, printer, run_app, start_tensorflow
from studies.common.options import DataDir, Output, Share, Source, StudyPath, Trainings, image_data
from studies.common.sharing import part_of
from studies.recipes.study import KIND, SIZES, Study

app = new_app(__doc__, KIND)


@app.command()
def run(
    output: Output = KIND.work,
    source: Source = "tfds:fashion_mnist",
    data_dir: DataDir = None,
    size: Annotated[str, typer.Option(help=f"Size of the study: {', '.join(SIZES)}.")] = "grey",
    seeds: Trainings = 3,
    share: Share = "1/1",
) -> None:
    """Train what is left to train; parts of `--share` are seeds.

    Example: python -m studies.recipes run --size quick --source bundled --seeds 1 --output runs/quick_recipes
    """
    if size not in SIZES:
        raise ScaleNetError(f"`--size` must be one of {list(SIZES)}. Received: {size!r}")
    start_tensorflow()
    from studies.common.run_items import run_items
    from studies.recipes.items import items_of

    amounts = SIZES[size]
    data = image_data(source, data_dir).model_copy(update={"train_images": amounts.train_images})
    study = Study(data=data, config=amounts.config, seeds=seeds, steps=amounts.steps, epochs=amounts.epochs)
    folder = KIND.begin(output, study)
    for seed in part_of(range(seeds), share):
        run_items(items_of(study, seed, output), folder, printer())


@app.command()
def report(study: StudyPath = KIND.work) -> None:
    """Print the table of the study as Markdown.

    Example: python -m studies.recipes report studies/recipes/data/colour.jsonl
    """
    from studies.recipes.report import markdown

    print(markdown(*KIND.open(study)))


if __name__ == "__main__":
    run_app(app)
