"""Is it worth it to search base and scaling together? Whole families, trained from scratch.

    taskset -c 0 python -m studies.families run --output story --data-dir ~/tfds --share 1/2 &
    taskset -c 1 python -m studies.families run --output story --data-dir ~/tfds --share 2/2
    python -m studies.families report --output story --plot docs/whole_story.svg

Four ways to a family of four members: jointly from one super-supernet; each stage alone, from one of its own;
EfficientNet's compound rule on the best base for S0; at random. The first two are searched at several budgets
of multiply-adds, tuned alike on other seeds. All members are trained from scratch with one recipe.
Every search and every training is a JSON file; a run that was stopped goes on with the same command. The
report is of what is there; its plot needs the extra `bench`.
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
from studies.common.study_folder import begin, read
from studies.families.study import SIZES, Study

app = typer.Typer(help=__doc__, rich_markup_mode=None, no_args_is_help=True, add_completion=False)
Output = Annotated[Path, typer.Option(help="folder of the study: study.json, searches/, members/, runs/")]


@app.command()
def run(
    output: Output = Path("whole_story"),
    source: Annotated[str, typer.Option(help="tfds:fashion_mnist, bundled, …")] = "tfds:fashion_mnist",
    data_dir: Annotated[str | None, typer.Option(help="TFDS' data_dir")] = None,
    size: Annotated[str, typer.Option(help=f"of the study: {', '.join(SIZES)}")] = "wide",
    quick: Annotated[bool, typer.Option(help="--size quick on the bundled images")] = False,
    share: Annotated[str, typer.Option(help="K/N: the K-th of N processes that share the work")] = "1/1",
) -> None:
    """Does what is left of a study.

    Example: python -m studies.families run --output quick --quick
    """
    from scalenet_tf.utils import tf_setup
    from scalenet_tf.utils.tf_setup import load_tensorflow

    load_tensorflow()
    from studies.families.work import run_items

    tf_setup.setup(fast=False)
    where = str(Path(data_dir).expanduser().resolve()) if data_dir else None
    source, size = ("bundled", "quick") if quick else (source, size)
    if size not in SIZES:
        raise ScaleNetError(f"`size` must be one of {list(SIZES)}. Received: {size!r}")
    data = DataConfig(source=source, data_dir=where, augmentation=AugmentationConfig(shift=0.0))
    study = Study.of_size(size, data)
    begin(output, study)
    run_items(study, output, share, partial(Console().print, highlight=False, markup=False, soft_wrap=True))


@app.command()
def report(
    output: Output = Path("whole_story"),
    plot: Annotated[Path | None, typer.Option(help="where to write the plot: .svg or .png")] = None,
) -> None:
    """Prints the tables of what is done as Markdown, and draws the plot.

    Example: python -m studies.families report --output quick > quick.md
    """
    from studies.families import results

    study = read(output, Study, "python -m studies.families run")
    print(results.markdown(study, output))
    if plot:
        from studies.families.plot import draw

        draw(study, output, plot)


if __name__ == "__main__":
    enable_logging()
    try:
        app()
    except ScaleNetError as error:
        sys.exit(f"error: {error}")
