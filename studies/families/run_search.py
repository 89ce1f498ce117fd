"""One search with a super-supernet: train it, then score networks until the budget is spent."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import keras

from scalenet_tf.config import RunConfig, ScaleConfig, SearchConfig, SupernetConfig
from scalenet_tf.costs.macs import TRAINING_PASSES
from scalenet_tf.data import open_data
from scalenet_tf.run import Run
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.scorer import SubnetScorer
from scalenet_tf.space import SearchSpace
from scalenet_tf.training import load_supernet, train_supernet
from scalenet_tf.utils import files
from studies.common.length import of_length
from studies.families.best_family import BestFamily
from studies.families.budget import scoring_macs, training_macs
from studies.families.finalists import confirm
from studies.families.plan import Search
from studies.families.random_states import RandomStates
from studies.families.study import Study
from studies.families.training_budget import forward_macs, steps_within

_ROUNDS = 1000  # More than any budget pays for.


def run_search(study: Study, search: Search, folder: Path) -> dict[str, Any]:
    """Trains the super-supernet, or continues to, and searches with it.

    Args:
      study: The study.
      search: The search.
      folder: Folder of the study.

    Returns:
      A JSON object: `members`, the best network of each stage that is searched, S0 first, and `cost`, what
      training, scores and finalists took in multiply-adds and seconds. Where the super-supernet is that of
      another search, its multiply-adds count, and its seconds are about zero; if the study was unpacked in
      between, it is trained again.
    """
    keras.backend.clear_session()
    begun, cpu_begun = time.monotonic(), time.process_time()
    run = Run.open_or_create(folder / "runs" / search.trained_by.name, run_config(study, search, folder))
    train_supernet(run)
    trained, cpu_trained = time.monotonic(), time.process_time()
    supernet, data, space = load_supernet(run), open_data(run), run.space()
    scorer = SubnetScorer(supernet, data, run.config.search, search.seed)
    family = BestFamily(space, search.stage)
    problem = SearchProblem(space, run.config.search, search.seed)
    chain = Mcea(problem)
    asking = RandomStates(space, search.seed) if search.way == "random-scores" else chain
    most, spent, scores = scoring_macs(study, search), 0, 0
    # A budget too small for one family is overdrawn; the cost says by how much.
    while (spent < most or not family.complete) and (asked := asking.ask()) is not None:
        score = scorer.score(asked.subnet)
        asking.tell(asked.number, score)
        family.add(asked, score)
        spent += asked.macs * scorer.images_per_score
        scores += 1
    members, finalist_macs = family.best(), 0
    if search.way == "confirmed":
        members, finalist_macs = confirm(study, problem, chain, supernet, data, members)
    config = run.config.supernet
    training = TRAINING_PASSES * forward_macs(space, config, search.seed, config.steps)
    return {
        "members": members,
        "cost": {
            "steps": config.steps,
            "training_macs": training,
            "scores": scores,
            "scoring_macs": spent,
            "finalist_macs": finalist_macs,
            "training_seconds": trained - begun,
            "scoring_seconds": time.monotonic() - trained,
            "training_cpu_seconds": cpu_trained - cpu_begun,
            "scoring_cpu_seconds": time.process_time() - cpu_trained,
        },
    }


def run_config(study: Study, search: Search, folder: Path) -> RunConfig:
    """The run of a search in the folder of its study."""
    space = study.space if search.stage is None else study.stage_space(search.stage)
    file = folder / "spaces" / f"{space.name}.json"
    files.write_json(file, space.model_dump(mode="json"))
    return RunConfig(
        seed=search.seed,
        space=str(file),
        data=study.images_config,
        supernet=supernet_config(study, search, space),
        search=SearchConfig(
            rounds=_ROUNDS,
            restarts=_ROUNDS,
            population=study.population,
            generations=study.generations,
            start_bases=study.start_bases,
            halving=study.halving,
            recalibration_images=study.calibration_images,
            validation_images=study.validation_images,
            batch_size=study.scoring_batch_size,
            stage_weights=search.stage_weights,
        ),
        scale=ScaleConfig(extra_stages=0),  # A search of S0 alone has nothing to extrapolate from.
    )


def supernet_config(study: Study, search: Search, space: SearchSpace) -> SupernetConfig:
    """The product's default training, of as many steps as the budget of the search pays for."""
    config = SupernetConfig(
        batch_size=study.batch_size,
        learning_rate=search.supernet.learning_rate,
        stage_weights=search.stage_weights or SupernetConfig().stage_weights,
    )
    macs = round(training_macs(study, search) / TRAINING_PASSES)
    steps = steps_within(space, config, search.seed, macs)
    return of_length(config, steps, study.warmup)
