"""What do costs, search and joint choice look like on a public table of trained networks?

    python -m studies.nas_bench_macro run nas-bench-macro_cifar10.json
    python -m studies.nas_bench_macro report studies/nas_bench_macro/data/searches.jsonl

NAS-Bench-Macro (Su et al., CVPR 2021) holds three trainings on CIFAR-10 of each of 6,561 networks. It is not
shipped: the file is in the folder data of https://github.com/xiusu/NAS-Bench-Macro, under Apache-2.0. `run`
compares our counts of multiply-adds and parameters with the table's, lets each method search the networks
that our space language expresses, its parameters tuned on other seeds than those reported, and asks in a
ladder of two scaling stages whether a base that is chosen for both is better than one that is chosen for the
smaller. Every block of seeds is a JSON file in the study's folder; a stopped command continues where it was.
It needs the extra `bench`.
"""

from __future__ import annotations

from dataclasses import asdict

from scalenet_tf.errors import ScaleNetError
from studies.common.cli import new_app, printer, run_app
from studies.common.options import Output, Quick, Share, StudyPath, TablePath
from studies.common.sharing import part_of
from studies.nas_bench_macro.costs import compare_costs
from studies.nas_bench_macro.ladder import choices, equal_choices, ladder
from studies.nas_bench_macro.problem import Problem
from studies.nas_bench_macro.study import KIND, Study
from studies.nas_bench_macro.table import Table, read_table

app = new_app(__doc__, KIND)


@app.command()
def run(table: TablePath, output: Output = KIND.work, share: Share = "1/1", quick: Quick = False) -> None:
    """Compare the costs, run the searches that are left, and the ladder. Takes hours, without TensorFlow.

    Example: python -m studies.nas_bench_macro run nas-bench-macro_cifar10.json --output runs/quick --quick
    """
    try:
        from studies.nas_bench_macro.comparison import METHODS, Comparison
    except ImportError as error:
        raise ScaleNetError(
            f'the comparison needs {error.name!r}: pip install "scalenet-tf[bench]"'
        ) from error
    read = read_table(table)
    items = KIND.begin(output, Study.quick(read.digest) if quick else Study(digest=read.digest))
    study, _ = KIND.open(output)
    items.write("table/costs", compare_costs(read))
    items.write("table/ladder", _ladder(read))
    Comparison(study, Problem(read), items).run(printer(), part_of(list(METHODS), share))


@app.command()
def report(study: StudyPath = KIND.work) -> None:
    """Print the tables of the study as Markdown.

    Example: python -m studies.nas_bench_macro report studies/nas_bench_macro/data/searches.jsonl
    """
    from studies.nas_bench_macro.report import markdown

    print(markdown(*KIND.open(study)))


def _ladder(table: Table) -> dict[str, object]:
    accuracies, macs = ladder(table)
    return {
        "bases": len(accuracies),
        "macs": macs.mean(axis=0).tolist(),
        "choices": [asdict(choice) for choice in choices(accuracies)],
        "equal_choices": [asdict(choice) for choice in equal_choices(accuracies)],
    }


if __name__ == "__main__":
    run_app(app)
