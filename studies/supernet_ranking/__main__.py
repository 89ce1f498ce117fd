"""Does a super-supernet rank the networks of a public table?

    taskset -c 0 python -m studies.supernet_ranking run TABLE --source folder:cifar10 --share 1/2 &
    taskset -c 1 python -m studies.supernet_ranking run TABLE --source folder:cifar10 --share 2/2
    python -m studies.supernet_ranking report

Super-supernets of the space of NAS-Bench-Macro are trained on CIFAR-10 for several lengths, with both
ways to share weights, and score a random draw of its networks. The report compares their ranks with
those of the mean accuracies in the table (TABLE is its file, see studies.nas_bench_macro), over all
pairs and over pairs of like multiply-adds; beside them are trivial rankings, and how well trainings of
the table agree. Every item is a JSON file in the study's folder; a stopped run continues with the same
command.
"""

from __future__ import annotations

from studies.common.cli import new_app, printer, run_app, start_tensorflow
from studies.common.options import DataDir, Output, Quick, Share, Source, StudyPath, TablePath, image_data
from studies.common.sharing import part_of
from studies.nas_bench_macro.table import read_table
from studies.supernet_ranking.study import KIND, Study

app = new_app(__doc__, KIND)


@app.command()
def run(
    table: TablePath,
    output: Output = KIND.work,
    source: Source = "tfds:cifar10",
    data_dir: DataDir = None,
    share: Share = "1/1",
    quick: Quick = False,
) -> None:
    """Train and score the super-supernets that are left. Takes hours.

    Example: python -m studies.supernet_ranking run nas-bench-macro_cifar10.json --output runs/quick --quick
    """
    start_tensorflow()
    from studies.common.run_items import run_items
    from studies.supernet_ranking.items import items_of

    read, data = read_table(table), image_data(source, data_dir)
    study = Study.quick(data, read.digest) if quick else Study(data=data, digest=read.digest)
    folder = KIND.begin(output, study)
    every = items_of(study, read, output)
    run_items({name: every[name] for name in part_of(list(every), share)}, folder, printer())


@app.command()
def report(study: StudyPath = KIND.work) -> None:
    """Print the table of the study as Markdown.

    Example: python -m studies.supernet_ranking report studies/supernet_ranking/data/cifar10.jsonl
    """
    from studies.supernet_ranking.report import markdown

    print(markdown(*KIND.open(study)))


if __name__ == "__main__":
    run_app(app)
