"""One search: train a super-supernet, then run the product's Markov chain until the budget is spent."""

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
from scalenet_tf.training import load_supernet, train_supernet
from scalenet_tf.utils import files
from studies.common.training import PAPER_TRAINING
from studies.families.best_family import BestFamily
from studies.families.budget import scoring_macs, steps
from studies.families.plan import Search
from studies.families.study import Study
from studies.families.training_budget import training_macs

_ROUNDS = 1000  # More than any budget pays for.


def run_search(study: Study, search: Search, folder: Path) -> dict[str, Any]:
    """Trains the super-supernet, or continues to, and searches with it.

    Args:
      study: The study.
      search: The search.
      folder: Folder of the study.

    Returns:
      A JSON object: `members`, the best network of each stage that is searched, S0 first, and `cost`, what
      training and scores took in multiply-adds and seconds.
    """
    keras.backend.clear_session()
    begun, cpu_begun = time.monotonic(), time.process_time()
    run = Run.open_or_create(folder / "runs" / search.name, run_config(study, search, folder))
    train_supernet(run)
    trained, cpu_trained = time.monotonic(), time.process_time()
    data = open_data(run)
    scorer = SubnetScorer(load_supernet(run), data, run.config.search, search.seed)
    space = run.space()
    family = BestFamily(space, search.stage)
    mcea = Mcea(SearchProblem(space, run.config.search, search.seed))
    most, spent = scoring_macs(study, search), 0
    # A budget too small for one family is overdrawn; the cost says by how much.
    while (spent < most or not family.complete) and (asked := mcea.ask()) is not None:
        score = scorer.score(asked.subnet)
        mcea.tell(asked.number, score)
        family.add(asked, score)
        spent += asked.macs * scorer.images_per_score
    training = TRAINING_PASSES * training_macs(
        space, run.config.supernet, search.seed, run.config.supernet.steps
    )
    return {
        "members": family.best(),
        "cost": {
            "steps": run.config.supernet.steps,
            "training_macs": training,
            "scores": mcea.progress.completed,
            "scoring_macs": spent,
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
    count = steps(study, search)
    return RunConfig(
        seed=search.seed,
        space=str(file),
        data=study.images_config,
        supernet=SupernetConfig(
            steps=count,
            batch_size=study.batch_size,
            learning_rate=search.tuned.learning_rate,
            warmup_steps=round(study.warmup * count),
            log_steps=min(100, count),
            **PAPER_TRAINING | ({"stage_weights": search.stage_weights} if search.stage_weights else {}),
        ),
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
