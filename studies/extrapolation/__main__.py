"""Does the found scaling rule reach beyond the stages that were searched?

    python -m studies.extrapolation run --output extrapolation --run runs/first
    python -m studies.extrapolation run --output one --story STORY/searches/joint_….json --data-dir ~/tfds
    python -m studies.extrapolation report --output one --output two

From a search of four stages, a run's or one of whole_story.py: S3 is predicted from S0 to S2 beside the one
that the search found, and S4 and S5 from S0 to S3, by each rule of `scale.rule`, by EfficientNet's compound
rule and by random scalings of the same multiply-adds. All are trained from scratch with one recipe. A study
is of one family, a report of any number. Every training is a file; a run that was stopped goes on with the
same command.
"""

from __future__ import annotations

import sys
import time
from functools import partial
from pathlib import Path
from typing import Annotated, cast

import typer
from rich.console import Console

from scalenet_tf.costs.macs import cost
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.run.provenance import environment, package_versions
from scalenet_tf.utils import files
from studies.common.study_folder import begin, part_of, read
from studies.extrapolation.searched import of_run, of_story
from studies.extrapolation.study import Study
from studies.extrapolation.ways import networks

app = typer.Typer(help=__doc__, rich_markup_mode=None, no_args_is_help=True, add_completion=False)
Output = Annotated[Path, typer.Option(help="folder of the study: study.json, items/")]
Outputs = Annotated[list[Path], typer.Option("--output", help="folder of a study; repeatable")]
say = partial(Console().print, highlight=False, soft_wrap=True)


@app.command()
def run(
    output: Output = Path("extrapolation"),
    searched: Annotated[
        Path | None, typer.Option("--run", help="run whose search is done, of four stages or more")
    ] = None,
    story: Annotated[
        Path | None, typer.Option(help="instead of it: STORY/searches/joint_….json of whole_story.py")
    ] = None,
    data_dir: Annotated[str | None, typer.Option(help="TFDS' data_dir, with --story")] = None,
    seeds: Annotated[int, typer.Option(min=1, help="trainings of each network")] = 3,
    images: Annotated[int, typer.Option(min=1, help="that a training runs through its network")] = 240_000,
    random: Annotated[int, typer.Option(min=1, help="random scalings of each stage")] = 5,
    share: Annotated[str, typer.Option(help="K/N: the K-th of N processes that share the work")] = "1/1",
) -> None:
    """Trains what is left to train.

    Example: python -m studies.extrapolation run --output quick --run runs/first --images 256 --seeds 1
    """
    from scalenet_tf.utils import tf_setup
    from scalenet_tf.utils.tf_setup import load_tensorflow

    load_tensorflow()
    tf_setup.setup(fast=False)
    if (searched is None) == (story is None):
        raise ScaleNetError("give one of `--run` and `--story`: what was searched is in either")
    where = str(Path(data_dir).expanduser().resolve()) if data_dir else None
    found = of_run(searched) if searched else of_story(cast(Path, story), where)
    study = Study.model_validate({**found, "random": random, "seeds": seeds, "images": images})
    begin(output, study)
    _train_all(study, output, share)


@app.command()
def report(output: Outputs = [Path("extrapolation")]) -> None:  # noqa: B006
    """Prints the table of what is done as Markdown.

    Example: python -m studies.extrapolation report --output quick
    """
    from studies.extrapolation.results import markdown

    print(
        markdown([(read(folder, Study, "python -m studies.extrapolation run"), folder) for folder in output])
    )


def _train_all(study: Study, output: Path, share: str) -> None:
    """Seed by seed, so that a stopped study has whole seeds; networks that ways share are trained once."""
    from studies.common.train_from_scratch import train_from_scratch

    subnets = {subnet.key: subnet for _, _, subnet in networks(study)}
    work = {(seed, key): cost(subnet).macs for seed in range(study.seeds) for key, subnet in subnets.items()}
    mine = part_of(list(work), share)
    left = [item for item in mine if not _item(output, *item).is_file()]
    say(f"{len(mine) - len(left)} of {len(mine)} trainings are done")
    begun, done = time.monotonic(), 0
    for number, (seed, key) in enumerate(left, start=1):
        started = time.monotonic()
        result = train_from_scratch(study.data, study.training, subnets[key], seed, 0)
        there = {"packages": package_versions(), "environment": environment(time.monotonic() - started)}
        files.write_json(_item(output, seed, key), {"seed": seed, "subnet": key, **result, **there})
        done += work[seed, key]
        rest = sum(work[item] for item in left[number:])
        minutes = (time.monotonic() - begun) * rest / done / 60
        place = f"[{len(mine) - len(left) + number}/{len(mine)}]"
        say(f"{place} {result['accuracy']:.2%}; about {minutes:.0f} min left")


def _item(output: Path, seed: int, key: str) -> Path:
    return output / "items" / f"{key}-{seed}.json"


if __name__ == "__main__":
    try:
        app()
    except ScaleNetError as error:
        sys.exit(f"error: {error}")
