"""The job step that searches: from the super-supernet to search/result.json."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from scalenet_tf.errors import InvalidInputError, ScaleNetError
from scalenet_tf.run import Run
from scalenet_tf.run.given_run import given_run
from scalenet_tf.run.provenance import provenance
from scalenet_tf.run.search_result import SearchEnvironment, SearchResult
from scalenet_tf.search.confirmation import Trainer
from scalenet_tf.search.finished_trial import FinishedTrial
from scalenet_tf.search.journal import Journal
from scalenet_tf.search.more_rounds import check_criteria_of_result, converged_text
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.progress import ProgressDisplay, fraction_done, summary
from scalenet_tf.search.result import describe, finalists_text
from scalenet_tf.space import SearchSpace, Subnet
from scalenet_tf.space.criteria import NO_CRITERIA, Criteria
from scalenet_tf.utils.progress import bar_console
from scalenet_tf.utils.stopwatch import Stopwatch
from scalenet_tf.utils.value_file import write_value

if TYPE_CHECKING:
    from scalenet_tf.data import DataSet
    from scalenet_tf.models.supernet import SuperSupernet

logger = logging.getLogger(__name__)


def search_step(
    run: Run,
    progress: bool = True,
    criteria: Criteria = NO_CRITERIA,
    make_trainer: Callable[[Run, DataSet, SuperSupernet], Trainer] | None = None,
    on_trial: Callable[[FinishedTrial], None] | None = None,
) -> Path:
    """Searches the base and the scaling of each scaling stage together.

    A search that was interrupted is resumed, and one that is done is skipped.

    Args:
      run: Run whose super-supernet is trained.
      progress: Whether to log progress and show a bar.
      criteria: Your own constraints and objective. A resumed search needs the same ones; for one that is
        done, they can be left out.
      make_trainer: Makes the trainer of the finalists; needed if `search.confirm` is above 0.
      on_trial: Called with each trial that gets its result.

    Returns:
      The path of search/result.json.

    Raises:
      ScaleNetError: If the super-supernet is not trained, if the search folder belongs to another search, if
        it is done with other criteria than the given ones, or if every trial fails.

    Example:
      >>> search_step(run)
      >>> read_search_result(run).base
    """
    path = run.search_result_file
    if path.is_file():
        check_criteria_of_result(run, criteria.names)
        if progress:
            logger.info("search: done already, %s", path)
        return path
    from scalenet_tf.data import open_data
    from scalenet_tf.models.supernet import weights_digest
    from scalenet_tf.search.scorer import SubnetScorer
    from scalenet_tf.training import load_supernet

    config, seed = run.config, run.config.seed
    data = open_data(run)
    supernet = load_supernet(run)
    scorer = SubnetScorer(supernet, data, config.search, seed, run.config.task)
    trainer = make_trainer(run, data, supernet) if make_trainer and config.search.confirm else None
    return run_search(
        run,
        supernet.space,
        scorer.score,
        images_per_trial=scorer.images_per_score,
        digests={"data": data.info.digest, "supernet": weights_digest(supernet)},
        progress=progress,
        criteria=criteria,
        trainer=trainer,
        on_trial=on_trial,
    )


def run_search(
    run: Run | str | Path,
    space: SearchSpace,
    score: Callable[[Subnet], float],
    *,
    images_per_trial: int,
    digests: dict[str, str],
    progress: bool = True,
    criteria: Criteria = NO_CRITERIA,
    lease_seconds: float | None = None,
    trainer: Trainer | None = None,
    on_trial: Callable[[FinishedTrial], None] | None = None,
) -> Path:
    """Searches with any score.

    Args:
      run: Run whose search settings, seed and warm start are used, and whose search folder is written; or its
        path.
      space: Search space, with the number of channels and classes of the data.
      score: Function that returns the accuracy of a subnet, equal for equal subnets.
      images_per_trial: Number of images that `score` runs through the subnet, for the cost.
      digests: Digests of what the scores come from, by name. "supernet" is needed, and must be the same
        when the search is resumed.
      progress: Whether to log progress and show a bar.
      criteria: Your own constraints and objective. A resumed search needs the same ones.
      lease_seconds: Seconds of silence after which a worker counts as dead. Default: 60.
      trainer: Trainer of the finalists; needed if `search.confirm` is above 0.
      on_trial: Called with each trial that gets its result, by the process that keeps the results.

    Returns:
      The path of search/result.json. A worker of a distributed search leaves that file to its chief.

    Raises:
      ScaleNetError: If budgets or constraints cannot be met, if one of the callables returns a value of
        the wrong kind, or if finalists are to be confirmed without a trainer.

    Example:
      >>> few = Criteria(constraints=(lambda subnet, stage: subnet.num_blocks <= 20,))
      >>> run_search(run, space, score, images_per_trial=1000, digests=digests, criteria=few)
    """
    from scalenet_tf.search.oracle import LEASE_SECONDS, ScaleNetOracle
    from scalenet_tf.search.tuner import ScaleNetTuner

    run = given_run(run)
    confirms = run.config.search.confirm
    if confirms and trainer is None:
        raise InvalidInputError(
            "`trainer` must be given to confirm finalists: `search.confirm` of the run "
            f"{str(run.path)!r} is {confirms}. Received: None. Search with steps.search, which passes one."
        )
    watch = Stopwatch(run.search_seconds_file)
    problem = SearchProblem(space, run.config.search, run.config.seed, criteria, run.warm_start())
    console = bar_console() if progress else None
    path = run.search_result_file

    refused: list[ScaleNetError] = []

    def on_result(oracle: ScaleNetOracle) -> None:
        progress = oracle.confirmation.progress
        display.update(progress)
        watch.note()
        if on_trial is None or refused:
            return
        trial = oracle.trials[oracle.end_order[-1]]
        result = (trial.score, trial.message, fraction_done(progress))
        try:
            on_trial(FinishedTrial.of(space, int(trial.trial_id), trial.hyperparameters.values, *result))
        except ScaleNetError as error:
            refused.append(error)
            oracle.failure = str(error)  # Raised from here, only a worker might hear of it.

    stage_macs = [space.budget.target(space.budget.macs, stage) for stage in range(len(space.menus))]
    with ProgressDisplay(console, stage_macs) as display:
        oracle = ScaleNetOracle(
            problem,
            digests["supernet"],
            trainer.digest if trainer else None,
            lease_seconds=LEASE_SECONDS if lease_seconds is None else lease_seconds,
            on_result=on_result,
            on_replay=display.replayed,
        )
        tuner = ScaleNetTuner(oracle, score, run.search, trainer.accuracy if trainer else None)
        replayed = oracle.confirmation.progress.completed
        try:
            tuner.search()
        except ScaleNetError as error:
            raise (refused[0] if refused else error) from error.__cause__
    if tuner.is_worker:
        if progress:
            logger.info("search: over; the chief writes its result")
        return path
    rows = Journal(run.trials_file).read()
    more = (oracle.confirmation, trainer.images) if confirms and trainer else ()
    result = SearchResult(
        **dict(describe(space, oracle.core, images_per_trial, rows, *more)),
        provenance=provenance(run, **digests),
        environment=SearchEnvironment.now(watch.seconds, replayed_trials=replayed),
    )
    write_value(path, result)
    if progress:
        core = oracle.core
        logger.info("search: %s · %s", summary(oracle.confirmation.progress), path)
        if result.finalists is not None:
            logger.info(finalists_text(result, confirms))
        if core.converged:
            logger.info(converged_text(run, core.trajectory[-1].round))
    return path
