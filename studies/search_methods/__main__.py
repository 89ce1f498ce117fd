"""Is the joint search worth it? Every way to search, on a space whose every score is known.

    taskset -c 0 python -m studies.search_methods table --output joint --data-dir ~/tfds --share 1/2 &
    taskset -c 1 python -m studies.search_methods table --output joint --data-dir ~/tfds --share 2/2
    python -m studies.search_methods compare --output joint
    python -m studies.search_methods report --output joint --plot joint.svg

`table` trains one super-supernet and scores every feasible subnet of a small space with it; of processes that
share it one trains, and the others wait for that. `compare` lets each method search that table: the Markov
chain (mcea), also without the race of its generations and without restarts, random states, pymoo's NSGA-II
over base and scalings at once, EfficientNet's compound rule on the best base, and each stage on its own with
its own base.
Parameters are tuned on other seeds than those reported. Every item is a file; a command that was stopped
goes on where it was. Needs the extra `bench`.
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
from studies.search_methods.states import all_states
from studies.search_methods.study import Study, table_space
from studies.search_methods.truth import make_table, read_table

app = typer.Typer(help=__doc__, rich_markup_mode=None, no_args_is_help=True, add_completion=False)
Output = Annotated[Path, typer.Option(help="folder of the study: study.json, run/, table/, curves/")]
say = partial(Console().print, highlight=False, soft_wrap=True)


@app.command()
def table(
    output: Output = Path("search_quality"),
    source: Annotated[str, typer.Option(help="tfds:fashion_mnist, bundled, …")] = "tfds:fashion_mnist",
    data_dir: Annotated[str | None, typer.Option(help="TFDS' data_dir")] = None,
    share: Annotated[str, typer.Option(help="K/N: the K-th of N processes that share the scoring")] = "1/1",
    quick: Annotated[bool, typer.Option(help="tiny numbers everywhere")] = False,
) -> None:
    """Trains the super-supernet and scores every subnet, or what is left of it.

    Example: python -m studies.search_methods table --output quick --source bundled --quick
    """
    from scalenet_tf.utils import tf_setup
    from scalenet_tf.utils.tf_setup import load_tensorflow

    load_tensorflow()
    tf_setup.setup(fast=False)
    where = str(Path(data_dir).expanduser().resolve()) if data_dir else None
    data = DataConfig(source=source, data_dir=where, augmentation=AugmentationConfig(shift=0.0))
    study = Study.quick(data) if quick else Study(data=data)
    begin(output, study)
    make_table(study, all_states(table_space()), output, say, share)


@app.command()
def compare(
    output: Output = Path("search_quality"),
    share: Annotated[str, typer.Option(help="K/N: the K-th of N processes that share the methods")] = "1/1",
) -> None:
    """Tunes and runs every method on a finished table; takes minutes, no TensorFlow.

    Example: python -m studies.search_methods compare --output quick
    """
    _comparison(output).run(say, share)


@app.command()
def report(
    output: Output = Path("search_quality"),
    plot: Annotated[Path | None, typer.Option(help="where to write the plot: .svg or .png")] = None,
) -> None:
    """Prints the tables as Markdown, and draws the plot.

    Example: python -m studies.search_methods report --output quick --plot quick.svg > quick.md
    """
    from studies.search_methods import results

    comparison = _comparison(output)
    print(results.markdown(comparison))
    if plot:
        results.plot(comparison, plot)


def _comparison(output: Path):  # type: ignore[no-untyped-def]  # its module needs the extra `bench`
    try:
        from studies.search_methods.comparison import Comparison
        from studies.search_methods.ledger import Truth
    except ImportError as error:
        raise ScaleNetError(
            f'the comparison needs {error.name!r}: pip install "scalenet-tf[bench]"'
        ) from error
    study, states = read(output, Study, "python -m studies.search_methods table"), all_states(table_space())
    scores = read_table(states, output)
    if scores is None:
        raise ScaleNetError(
            f"`output` {str(output)!r} holds no whole table. Go on with: "
            "python -m studies.search_methods table"
        )
    return Comparison(study, Truth(states, scores), output)


if __name__ == "__main__":
    enable_logging()
    try:
        app()
    except ScaleNetError as error:
        sys.exit(f"error: {error}")
