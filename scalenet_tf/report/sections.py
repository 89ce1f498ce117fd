"""Sections of the report about the steps of the run: charts, or the command that makes their results."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from scalenet_tf.costs.macs import cost
from scalenet_tf.report import run_charts
from scalenet_tf.report.family import FamilyRow
from scalenet_tf.report.growth import compound_growth, growth_of
from scalenet_tf.report.svg import Chart
from scalenet_tf.run import Run
from scalenet_tf.run.progress_rows import read_history, read_training_log
from scalenet_tf.run.search_result import read_search_result
from scalenet_tf.sampling import TrainingDraws

DRAWS = 3000
KEEPS_TO_BUDGETS = {
    "free": "Training ignores the budgets; the search keeps to them.",
    "budget": "Training and search keep to the budgets.",
}


@dataclass(frozen=True)
class Section:
    """A heading with a text and charts.

    Attributes:
      title: Heading.
      text: Explanation below the heading.
      charts: The charts; none if their results are missing.
      command: Job step that makes the results.
    """

    title: str
    text: str
    charts: tuple[Chart, ...]
    command: str


def sections(run: Run, family: Sequence[FamilyRow]) -> list[Section]:
    """Returns the sections of a run, in the order of the page; a transferred run has only its training."""
    parts: tuple[Callable[[Run, Sequence[FamilyRow]], Section], ...] = (
        _growth,
        _search,
        _members,
        _supernet,
        _sampling,
    )
    if family and all(row.origin == "transferred" for row in family):
        parts = (_members,)
    return [part(run, family) for part in parts]


def _growth(run: Run, rows: Sequence[FamilyRow]) -> Section:
    charts: list[Chart] = []
    # Ratios refer to the base.
    if rows and rows[0].stage == 0:
        family = run.family()
        first = family.members[0].subnet
        found = [growth_of(member.stage, member.subnet, first) for member in family.members]
        compound = compound_growth(family.space, family.base, first.resolution, family.stages)
        charts = run_charts.growth(found, compound)
    return Section(
        "How the family grows",
        "Ratios to the base after all rounding, beside those of EfficientNet's compound rule on the same "
        "base: depth times 1.2, width times 1.1 and resolution times 1.15 at each doubling of multiply-adds.",
        tuple(charts),
        "scale",
    )


def _search(run: Run, family: Sequence[FamilyRow]) -> Section:
    result = read_search_result(run)
    charts = []
    if result and result.trajectory:
        charts += run_charts.chain(result.trajectory)
    if result and result.archive:
        charts.append(run_charts.archive(result.archive, run.config.task))
    return Section(
        "The search",
        "The state of the Markov chain after each round: the score of every scaling stage under the current "
        "base and scalings, and the fitness, which is their weighted mean or that of the objective's values. "
        "Beside it, the subnets that no cheaper one beats. The search scores subnets with shared weights, "
        "which is not the score of a trained member.",
        tuple(charts),
        "search",
    )


def _supernet(run: Run, family: Sequence[FamilyRow]) -> Section:
    log = read_training_log(run.supernet_log_file)
    return Section(
        "Super-supernet training",
        f"Loss and {run.config.task.score} of the sampled subnets on their training batches, by scaling "
        "stage.",
        tuple(run_charts.supernet_curves(log, run.config.task)) if log else (),
        "train",
    )


def _members(run: Run, family: Sequence[FamilyRow]) -> Section:
    histories = {row.stage: read_history(run.member_files(row.stage).history) for row in family}
    begun = {stage: rows for stage, rows in histories.items() if rows}
    return Section(
        "Training of the members",
        "Members start with the super-supernet's weights, or from scratch if they are larger than it or "
        "their recipe says so. A transferred member starts with the weights that it had.",
        tuple(run_charts.member_curves(begun, run.config.task)) if begun else (),
        "retrain",
    )


def _sampling(run: Run, family: Sequence[FamilyRow]) -> Section:
    space, config = run.space(), run.config.supernet
    draws = TrainingDraws(space, run.config.seed, config.draw, config.stage_weights)
    macs: dict[int, list[int]] = {stage: [] for stage in range(len(space.menus))}
    for step in range(DRAWS):
        draw = draws.at(step)
        macs[draw.scaling_stage].append(cost(draw.subnet).macs)
    targets = [space.budget.target(space.budget.macs, stage) for stage in macs]
    return Section(
        "Subnets drawn by hierarchical sampling",
        f"Multiply-adds of the first {DRAWS:,} subnets that training draws with this run's seed. Dashed "
        f"lines: the budget of each scaling stage. {KEEPS_TO_BUDGETS[config.draw]}",
        (run_charts.sampled_macs(macs, targets),),
        "train",
    )
