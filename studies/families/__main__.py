"""Is it worth it to search the base and its scalings together? Whole families, trained from scratch.

    taskset -c 0 python -m studies.families run --data-dir ~/tfds --share 1/2 &
    taskset -c 1 python -m studies.families run --data-dir ~/tfds --share 2/2
    python -m studies.families report --plot families.svg
    python -m studies.families report studies/families/data/shared.jsonl

Families of four members are found jointly, from one super-supernet, also with finalists confirmed; from
random subnets scored with the same super-supernet; each stage on its own, from a super-supernet of its own;
each stage on its own by the tuners of Keras Tuner, which train every candidate; by EfficientNet's compound
rule on the best base for S0; and at random. Searches have budgets of multiply-adds, and are tuned on other
seeds. All members, and published architectures of their size, are trained from scratch with one recipe. Every
search and every training is an item, a JSON file in the study's folder; a stopped run continues with the same
command. The report covers the items that are finished; its plot needs the extra `bench`.
"""

from __future__ import annotations

from typing import Annotated

import typer

from scalenet_tf.errors import ScaleNetError
from studies.common.cli import new_app, printer, run_app, start_tensorflow
from studies.common.options import DataDir, Output, Plot, Share, Source, StudyPath, image_data
from studies.families.study import KIND, SIZES, Study

app = new_app(__doc__, KIND)


@app.command()
def run(
    output: Output = KIND.work,
    source: Source = "tfds:fashion_mnist",
    data_dir: DataDir = None,
    size: Annotated[str, typer.Option(help=f"Size of the study: {', '.join(SIZES)}.")] = "wide",
    seeds: Annotated[
        int | None, typer.Option(min=1, help="Number of seeds. Default: that of the size. It may grow.")
    ] = None,
    quick: Annotated[bool, typer.Option("--quick", help="As --size quick --source bundled.")] = False,
    share: Share = "1/1",
) -> None:
    """Do what is left of a study.

    Example: python -m studies.families run --output runs/quick_families --quick
    """
    start_tensorflow()
    from studies.families.items import run_items

    source, size = ("bundled", "quick") if quick else (source, size)
    if size not in SIZES:
        raise ScaleNetError(f"`size` must be one of {list(SIZES)}. Received: {size!r}")
    study = Study.of_size(size, image_data(source, data_dir), seeds)
    run_items(study, KIND.begin(output, study), share, printer())


@app.command()
def report(study: StudyPath = KIND.work, plot: Plot = None) -> None:
    """Print the tables of a study as Markdown.

    Example: python -m studies.families report studies/families/data/shared.jsonl
    """
    from studies.families.report import markdown

    opened, items = KIND.open(study)
    print(markdown(opened, items))
    if plot:
        from studies.families.plot import draw

        draw(opened, items, plot)


if __name__ == "__main__":
    run_app(app)
