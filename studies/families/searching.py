"""One search: a super-supernet is trained, then the product's Markov chain scores while the budget lasts."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import keras

from scalenet_tf.config import RunConfig, ScaleConfig, SearchConfig, SupernetConfig
from scalenet_tf.data import open_data
from scalenet_tf.run import Run
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.scorer import SubnetScorer
from scalenet_tf.training import load_supernet, train_supernet
from scalenet_tf.utils import files
from studies.families.budget import PASSES, scoring_macs, steps
from studies.families.ledger import Ledger
from studies.families.plan import Search
from studies.families.study import Study
from studies.supernet_training.training_budget import training_macs

_ROUNDS = 1000  # The budget ends a search, not its rounds.


def run_search(study: Study, search: Search, folder: Path) -> dict[str, Any]:
    """Trains, or goes on training, and searches.

    Returns:
      A JSON value: the best network of each stage that is searched, and what it cost.
    """
    keras.backend.clear_session()
    begun, cpu_begun = time.monotonic(), time.process_time()
    run = Run.open_or_create(folder / "runs" / search.name, _config(study, search, folder))
    train_supernet(run)
    trained, cpu_trained = time.monotonic(), time.process_time()
    data = open_data(run)
    scorer = SubnetScorer(load_supernet(run), data, run.config.search, search.seed)
    space = run.space()
    ledger = Ledger(space, search.stage)
    mcea = Mcea(space, run.config.search, search.seed)
    most, spent = scoring_macs(study, search), 0
    # A budget too small for one family is overdrawn, and the family pays what it took.
    while (spent < most or not ledger.whole) and (asked := mcea.ask()) is not None:
        score = scorer.score(asked.subnet)
        mcea.tell(asked.number, score)
        ledger.add(asked, score)
        spent += asked.macs * scorer.images_per_score
    training = PASSES * training_macs(space, run.config.supernet, search.seed, run.config.supernet.steps)
    return {
        "members": ledger.best(),
        "cost": {
            "steps": run.config.supernet.steps,
            "training_macs": training,
            "scores": mcea.progress.told,
            "scoring_macs": spent,
            "training_seconds": trained - begun,
            "scoring_seconds": time.monotonic() - trained,
            "training_cpu_seconds": cpu_trained - cpu_begun,
            "scoring_cpu_seconds": time.process_time() - cpu_trained,
        },
    }


def _config(study: Study, search: Search, folder: Path) -> RunConfig:
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
            stage_weights=search.stage_weights or "widths",
        ),
        search=SearchConfig(
            rounds=_ROUNDS,
            restarts=_ROUNDS,
            population=study.population,
            generations=study.generations,
            start_bases=study.start_bases,
            race=study.race,
            recalibration_images=study.calibration_images,
            validation_images=study.validation_images,
            batch_size=study.scoring_batch_size,
            stage_weights=search.stage_weights,
        ),
        scale=ScaleConfig(extra_stages=0),  # which S0 alone could not have
    )
