"""Does the scaling rule that a search found reach beyond the stages that were searched?

    python -m studies.extrapolation run --run runs/first
    python -m studies.extrapolation run --families studies/families/data/narrow.jsonl \\
        --search joint_b8_lr0.6_t0.8_seed0 --data-dir ~/tfds
    python -m studies.extrapolation report studies/extrapolation/data/seed0.jsonl

The study starts from a search of four stages, of a run or of the study of families. It predicts S3 from S0 to
S2, to be compared with the S3 that the search found, and S4 and S5 from S0 to S3: by each rule of
`scale.rule`, by EfficientNet's compound rule, and by random scalings of the same multiply-adds. All networks
are trained from scratch with one recipe. A study has one family; a report covers any number of studies. Every
training is an item, a JSON file in the study's folder; a stopped run continues with the same command.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated, cast

import typer

from scalenet_tf.costs.macs import cost
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.space import Subnet
from studies.common.cli import new_app, printer, run_app, start_tensorflow
from studies.common.items import FolderItems, Item
from studies.common.options import DataDir, Output, Share, StudyPaths, Trainings, absolute
from studies.common.sharing import part_of
from studies.extrapolation.networks import network_item, networks
from studies.extrapolation.searched import of_families, of_run
from studies.extrapolation.study import KIND, Study

app = new_app(__doc__, KIND)


@app.command()
def run(
    output: Output = KIND.work,
    searched: Annotated[
        Path | None,
        typer.Option("--run", metavar="DIR", help="A run whose search of 4 or more stages is done."),
    ] = None,
    families: Annotated[
        Path | None,
        typer.Option(metavar="STUDY", help="A study of families instead: its folder or .jsonl file."),
    ] = None,
    search: Annotated[str, typer.Option(metavar="NAME", help="A joint search of that study.")] = "",
    data_dir: DataDir = None,
    seeds: Trainings = 3,
    images: Annotated[
        int, typer.Option(min=1, help="Training images per network, with repetitions.")
    ] = 240_000,
    random: Annotated[int, typer.Option(min=1, help="Random scalings per stage.")] = 5,
    share: Share = "1/1",
) -> None:
    """Train what is left to train.

    Example: python -m studies.extrapolation run --run runs/first --images 256 --seeds 1
    """
    start_tensorflow()
    if (searched is None) == (families is None):
        raise ScaleNetError("give either `--run`, a run that has searched, or `--families`, with `--search`")
    found = of_run(searched) if searched else of_families(cast(Path, families), search, absolute(data_dir))
    study = Study.model_validate({**found, "random": random, "seeds": seeds, "images": images})
    _train_all(study, KIND.begin(output, study), share, printer())


@app.command()
def report(studies: StudyPaths = [KIND.work]) -> None:  # noqa: B006
    """Print the table of one or more studies as Markdown.

    Example: python -m studies.extrapolation report studies/extrapolation/data/seed0.jsonl
    """
    from studies.extrapolation.report import markdown

    print(markdown([KIND.open(study) for study in studies]))


def _train_all(study: Study, items: FolderItems, share: str, say: Callable[[str], None]) -> None:
    """Trains seed by seed, so that a stopped study has complete seeds; networks that ways share once."""
    from studies.common.train_from_scratch import train_from_scratch

    def train(seed: int, subnet: Subnet) -> Item:
        result = train_from_scratch(study.data, study.training, subnet, seed, 0)
        return {"seed": seed, "subnet": subnet.key, **result}

    subnets = {subnet.key: subnet for _, _, subnet in networks(study)}
    work = {(seed, key): cost(subnet).macs for seed in range(study.seeds) for key, subnet in subnets.items()}
    mine = part_of(list(work), share)
    left = [(seed, key) for seed, key in mine if network_item(key, seed) not in items]
    say(f"{len(mine) - len(left)} of {len(mine)} trainings are done")
    begun, done = time.monotonic(), 0
    for number, (seed, key) in enumerate(left, start=1):
        result = items.record(network_item(key, seed), partial(train, seed, subnets[key]))
        done += work[seed, key]
        rest = sum(work[item] for item in left[number:])
        minutes = (time.monotonic() - begun) * rest / done / 60
        place = f"[{len(mine) - len(left) + number}/{len(mine)}]"
        say(f"{place} {result['accuracy']:.2%}; about {minutes:.0f} min left")


if __name__ == "__main__":
    run_app(app)
