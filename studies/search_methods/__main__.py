"""How does the joint search compare with other ways to search, where the score of every subnet is known?

    taskset -c 0 python -m studies.search_methods table --data-dir ~/tfds --share 1/2 &
    taskset -c 1 python -m studies.search_methods table --data-dir ~/tfds --share 2/2
    python -m studies.search_methods compare
    python -m studies.search_methods report --plot docs/results/search_quality.svg

`table` trains one super-supernet and scores every feasible subnet of a small space with it; of several
processes one trains, and the others wait for it. `compare` lets each method search that table: the Markov
chain (mcea), the chain without successive halving, the chain without restarts, random states, pymoo's
NSGA-II over base and scalings at once, EfficientNet's compound rule on the best base, and each stage on its
own with its own base. Parameters are tuned on other seeds than those reported. Every item is a JSON file in
the study's folder; a stopped command continues where it was. `compare` and `report` need the extra `bench`.

The repository holds the table, not the curves of the methods: `report` on the packed file searches it again,
which takes about 20 minutes. To keep the curves, unpack it first:

    python -m studies.search_methods unpack studies/search_methods/data/table.jsonl FOLDER
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalenet_tf.errors import ScaleNetError
from studies.common.cli import new_app, printer, run_app, start_tensorflow
from studies.common.items import Items
from studies.common.options import DataDir, Output, Plot, Quick, Share, Source, StudyPath, image_data
from studies.search_methods.make_table import make_table, read_table
from studies.search_methods.states import all_states
from studies.search_methods.study import KIND, Study, table_space

if TYPE_CHECKING:
    from studies.search_methods.comparison import Comparison

app = new_app(__doc__, KIND)


@app.command()
def table(
    output: Output = KIND.work,
    source: Source = "tfds:fashion_mnist",
    data_dir: DataDir = None,
    share: Share = "1/1",
    quick: Quick = False,
) -> None:
    """Train the super-supernet and score every subnet, or what is left of them.

    Example: python -m studies.search_methods table --output runs/quick_table --source bundled --quick
    """
    start_tensorflow()
    data = image_data(source, data_dir)
    study = Study.quick(data) if quick else Study(data=data)
    items = KIND.begin(output, study)
    make_table(study, all_states(table_space()), items, printer(), share)


@app.command()
def compare(output: Output = KIND.work, share: Share = "1/1") -> None:
    """Tune and run every method on a finished table. Takes minutes and no TensorFlow.

    Example: python -m studies.search_methods compare --output runs/quick_table
    """
    study, _ = KIND.open(output)
    _comparison(study, KIND.begin(output, study)).run(printer(), share)


@app.command()
def report(study: StudyPath = KIND.work, plot: Plot = None) -> None:
    """Print the tables of the comparison as Markdown; methods that have not run yet run first.

    Example: python -m studies.search_methods report studies/search_methods/data/table.jsonl
    """
    comparison = _comparison(*KIND.open(study))
    from studies.search_methods import report as tables

    comparison.run(printer(stderr=True))
    print(tables.markdown(comparison))
    if plot:
        tables.plot(comparison, plot)


def _comparison(study: Study, items: Items) -> Comparison:
    try:
        from studies.search_methods.comparison import Comparison
        from studies.search_methods.score_table import ScoreTable
    except ImportError as error:
        raise ScaleNetError(
            f'the comparison needs {error.name!r}: pip install "scalenet-tf[bench]"'
        ) from error
    states = all_states(table_space())
    scores = read_table(states, items)
    if scores is None:
        raise ScaleNetError(
            "the study holds no complete table of scores. Continue it with: "
            "python -m studies.search_methods table"
        )
    return Comparison(study, ScoreTable(states, scores), items)


if __name__ == "__main__":
    run_app(app)
