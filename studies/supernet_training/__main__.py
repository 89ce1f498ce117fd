"""Which ways to train the super-supernet give the best inherited accuracy, and do they rank subnets?

    taskset -c 0 python -m studies.supernet_training run --data-dir ~/tfds --share 1/2 &
    taskset -c 1 python -m studies.supernet_training run --data-dir ~/tfds --share 2/2
    python -m studies.supernet_training report

The super-supernet of each variant is trained for about equal CPU time. `report` compares the accuracies that
subnets within the budgets inherit with their accuracies from scratch at the length of the members' training,
and shows how well scores rank the subnets of a scaling stage, with trivial rankings beside them. Every item
is a JSON file in the study's folder; a stopped run continues with the same command.
"""

from __future__ import annotations

from typing import Annotated

import typer

from studies.common.cli import new_app, printer, run_app, start_tensorflow
from studies.common.options import DataDir, Output, Quick, Share, Source, StudyPath, Trainings, image_data
from studies.common.sharing import part_of
from studies.supernet_training.study import KIND, Study, check_variants

app = new_app(__doc__, KIND)
Seed = Annotated[int | None, typer.Option(min=0, help="Only the items of this seed.")]


@app.command()
def run(
    output: Output = KIND.work,
    source: Source = "tfds:fashion_mnist",
    data_dir: DataDir = None,
    seeds: Trainings = 3,
    seed: Seed = None,
    items: Annotated[int | None, typer.Option(min=1, help="Stop after this many new items.")] = None,
    variants: Annotated[
        list[str] | None,
        typer.Option("--variant", help="A variant; repeatable. Default: all."),
    ] = None,
    per_stage: Annotated[int, typer.Option(min=1, help="Subnets per scaling stage.")] = 10,
    share: Share = "1/1",
    quick: Quick = False,
) -> None:
    """Do what is left of a study.

    Example: python -m studies.supernet_training run --output runs/quick_training --source bundled --quick
    """
    start_tensorflow()
    from scalenet_tf.presets import load_space
    from studies.common.run_items import run_items
    from studies.common.train_from_scratch import images
    from studies.supernet_training.items import items_of

    data = image_data(source, data_dir)
    if source != "bundled":  # as many as are bundled
        data = data.model_copy(update={"train_images": Study().data.train_images})
    study = Study.quick(data) if quick else Study(data=data, seeds=seeds, per_stage=per_stage)
    if variants:
        study = study.model_copy(update={"variants": check_variants(variants)})
    folder = KIND.begin(output, study)
    info = images(study.data).info
    every = items_of(study, load_space(study.space).for_data(info.channels, info.classes), output)
    mine = [name for name in every if seed is None or name.endswith(f"_{seed}")]
    run_items({name: every[name] for name in part_of(mine, share)}, folder, printer(), items)


@app.command()
def report(study: StudyPath = KIND.work) -> None:
    """Print the tables of the variants as Markdown.

    Example: python -m studies.supernet_training report studies/supernet_training/work
    """
    from studies.supernet_training.report import markdown

    print(markdown(*KIND.open(study)))


if __name__ == "__main__":
    run_app(app)
