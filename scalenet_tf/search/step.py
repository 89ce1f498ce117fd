"""The search of a run: from the super-supernet to search/result.json."""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from scalenet_tf.run import Run
from scalenet_tf.run.provenance import provenance
from scalenet_tf.run.search_result import SearchEnvironment, SearchResult
from scalenet_tf.search.journal import Journal
from scalenet_tf.search.more_rounds import converged_text
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.progress import ProgressDisplay, summary
from scalenet_tf.search.result import describe
from scalenet_tf.space import SearchSpace, Subnet
from scalenet_tf.space.criteria import NO_CRITERIA, Criteria
from scalenet_tf.utils.stopwatch import Stopwatch
from scalenet_tf.utils.value_file import write_value

logger = logging.getLogger(__name__)


def search_step(run: Run, progress: bool = True, criteria: Criteria = NO_CRITERIA) -> Path:
    """Searches the base and each stage's scaling together; resumes, and skips a search that is done.

    Args:
      run: A run whose super-supernet is trained.
      progress: Whether to log progress and show a bar.
      criteria: Your own constraints and objective; a resume must bring the same ones.

    Returns:
      The path of search/result.json.

    Raises:
      ScaleNetError: if the super-supernet is not trained, if the search folder belongs to another one, or if
        every trial fails.

    Example:
      >>> search_step(run)
      >>> read_search_result(run).base
    """
    path = run.search_result_file
    if path.is_file():
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
    scorer = SubnetScorer(supernet, data, config.search, seed)
    return run_search(
        run,
        supernet.space,
        scorer.score,
        images_per_trial=scorer.images_per_score,
        digests={"data": data.info.digest, "supernet": weights_digest(supernet)},
        progress=progress,
        criteria=criteria,
    )


def run_search(
    run: Run,
    space: SearchSpace,
    score: Callable[[Subnet], float],
    *,
    images_per_trial: int,
    digests: dict[str, str],
    progress: bool = True,
    criteria: Criteria = NO_CRITERIA,
    lease_seconds: float | None = None,
) -> Path:
    """Searches with any score.

    Args:
      run: Its search configuration and seed are used; its search folder is written.
      space: The space, with the channels and classes of the data.
      score: Returns the accuracy of a subnet, equal for equal subnets.
      images_per_trial: Images that `score` runs through the subnet, for the cost.
      digests: Of what the scores come from; "supernet" is needed. A resume must bring the same one.
      progress: Whether to log progress and show a bar.
      criteria: Your own constraints and objective; a resume must bring the same ones.
      lease_seconds: Silence after which a worker counts as dead; 60 where None.

    Returns:
      The path of search/result.json. A worker of a distributed search leaves that to its chief.

    Raises:
      ScaleNetError: where budgets or constraints cannot be met, or a callable returns nonsense.

    Example:
      >>> few = Criteria(constraints=(lambda subnet, stage: subnet.num_blocks <= 20,))
      >>> run_search(run, space, score, images_per_trial=1000, digests=digests, criteria=few)
    """
    from scalenet_tf.search.oracle import LEASE_SECONDS, ScaleNetOracle
    from scalenet_tf.search.tuner import ScaleNetTuner

    watch = Stopwatch(run.search_seconds_file)
    problem = SearchProblem(space, run.config.search, run.config.seed, criteria, run.warm_start())
    console = Console() if progress else None
    path = run.search_result_file

    def on_result(oracle: ScaleNetOracle) -> None:
        display.update(oracle.core.progress)
        watch.note()

    with ProgressDisplay(console) as display:
        oracle = ScaleNetOracle(
            problem,
            digests["supernet"],
            lease_seconds=LEASE_SECONDS if lease_seconds is None else lease_seconds,
            on_result=on_result,
            on_replay=display.replayed,
        )
        tuner = ScaleNetTuner(oracle, score, run.search)
        replayed = oracle.core.progress.completed
        tuner.search()
    if tuner.is_worker:
        if progress:
            logger.info("search: over; the chief writes its result")
        return path
    rows = Journal(run.trials_file).read()
    result = SearchResult(
        **dict(describe(space, oracle.core, images_per_trial, rows)),
        provenance=provenance(run, **digests),
        environment=SearchEnvironment.now(watch.seconds, replayed_trials=replayed),
    )
    write_value(path, result)
    if progress:
        core = oracle.core
        logger.info("search: %s · %s", summary(core.progress), path)
        if core.converged:
            logger.info(converged_text(run, len(core.trajectory)))
    return path
