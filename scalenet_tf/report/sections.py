"""Sections of the report: charts of a run's results, or the commands that make them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scalenet_tf.config import Task
from scalenet_tf.costs.macs import cost
from scalenet_tf.report import charts
from scalenet_tf.report.family import FamilyRow
from scalenet_tf.report.growth import compound_growth, growth_of
from scalenet_tf.run import Run
from scalenet_tf.run.data_info import read_data_info
from scalenet_tf.run.metrics import read_metrics
from scalenet_tf.run.progress_rows import read_history, read_training_log
from scalenet_tf.run.search_result import read_search_result
from scalenet_tf.sampling import TrainingDraws

if TYPE_CHECKING:
    import plotly.graph_objects as go

DRAWS = 3000
KEEPS_TO_BUDGETS = {
    "free": "Training ignores the budgets; the search keeps to them.",
    "budget": "Training and search keep to the budgets.",
}


@dataclass(frozen=True)
class Section:
    """A titled chart with a text.

    Attributes:
      title: Heading.
      text: Explanation below the heading.
      figure: The chart; None if its results are missing.
      command: Job step that makes the results.
    """

    title: str
    text: str
    figure: go.Figure | None
    command: str


def sections(run: Run, family: list[FamilyRow]) -> list[Section]:
    """Returns the sections of a run, in the order of the page."""
    parts: tuple[Callable[[Run, list[FamilyRow]], Section], ...] = (
        _accuracy,
        _growth,
        _chain,
        _supernet,
        _members,
        _classes,
        _sampling,
    )
    return [part(run, family) for part in parts]


def _accuracy(run: Run, family: list[FamilyRow]) -> Section:
    result = read_search_result(run)
    trained = any(row.validation_accuracy is not None for row in family)
    archive = result.archive if result else ()
    return Section(
        f"{run.config.task.score.capitalize()} against multiply-adds",
        "The trained members, and the subnets of the search that no cheaper subnet beats. The search scores "
        "subnets with shared weights, so the two kinds of points cannot be compared with each other.",
        charts.accuracy_against_macs(family, archive, run.config.task) if archive or trained else None,
        "search",
    )


def _growth(run: Run, rows: list[FamilyRow]) -> Section:
    figure = None
    # A transferred run has one member, but not the base that ratios refer to.
    if rows and rows[0].stage == 0:
        family = run.family()
        first = family.members[0].subnet
        found = [growth_of(member.stage, member.subnet, first) for member in family.members]
        compound = compound_growth(family.space, family.base, first.resolution, family.stages)
        figure = charts.growth(found, compound)
    return Section(
        "The found scaling against EfficientNet's compound rule",
        "Ratios to the base after all rounding. The compound rule multiplies depth by 1.2, width by 1.1 and "
        "resolution by 1.15 at each doubling of multiply-adds; it is applied here to the same base.",
        figure,
        "scale",
    )


def _chain(run: Run, family: list[FamilyRow]) -> Section:
    result = read_search_result(run)
    return Section(
        "The Markov chain of the search",
        "The state of the Markov chain after each round: the score of every stage under the current base and "
        "scalings, and the fitness, their weighted mean.",
        charts.chain(result.trajectory, run.config.task) if result and result.trajectory else None,
        "search",
    )


def _supernet(run: Run, family: list[FamilyRow]) -> Section:
    log = read_training_log(run.supernet_log_file)
    return Section(
        "Super-supernet training",
        f"Loss and {run.config.task.score} of the sampled subnets on their training batches, by scaling "
        "stage.",
        charts.supernet_curves(log, run.config.task) if log else None,
        "train",
    )


def _members(run: Run, family: list[FamilyRow]) -> Section:
    histories = {row.stage: read_history(run.member_files(row.stage).history) for row in family}
    begun = {stage: rows for stage, rows in histories.items() if rows}
    return Section(
        "Training of the members",
        "Members start with the super-supernet's weights, or from scratch if they are larger than it or "
        "their recipe says so. A transferred member starts with the weights that it had.",
        charts.member_curves(begun, run.config.task) if begun else None,
        "retrain",
    )


def _classes(run: Run, family: list[FamilyRow]) -> Section:
    """The section about single classes: of several labels an image has no row in a confusion matrix."""
    if run.config.task is not Task.multi_label:
        return _mistakes(run, family)
    found = {row.name: read_metrics(run, row.stage) for row in family}
    known = {name: metrics for name, metrics in found.items() if metrics and metrics.class_average_precision}
    data = read_data_info(run)
    return Section(
        "Classes",
        "Average precision of each class over the test images; none for a class that no test image has.",
        charts.class_precisions(known, data.labels) if known and data else None,
        "retrain",
    )


def _mistakes(run: Run, family: list[FamilyRow]) -> Section:
    found = {row.name: read_metrics(run, row.stage) for row in family}
    known = {name: metrics for name, metrics in found.items() if metrics and metrics.confusion}
    # The base and the largest member: where both are wrong, a larger network does not help.
    shown = {name: known[name] for name in dict.fromkeys((*list(known)[:1], *list(known)[-1:]))}
    errors = ", ".join(f"{name.upper()} {metrics.calibration_error:.3f}" for name, metrics in known.items())
    data = read_data_info(run)
    return Section(
        "Mistakes of the members",
        "Test images by their class (rows, with the accuracy of the class) and by the predicted class, as "
        "fractions of the row. Expected calibration error, the mean difference of confidence and accuracy "
        f"over 15 equal bins of confidence, weighted by their images: {errors}.",
        charts.confusion(shown, data.labels) if shown and data else None,
        "retrain",
    )


def _sampling(run: Run, family: list[FamilyRow]) -> Section:
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
        f"lines: the budget of each stage. {KEEPS_TO_BUDGETS[config.draw]}",
        charts.sampled_macs(macs, targets),
        "train",
    )
