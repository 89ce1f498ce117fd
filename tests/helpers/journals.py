"""A run whose search has a journal, written by the search's core alone: without Keras Tuner."""

from __future__ import annotations

import json
from pathlib import Path

from scalenet_tf.run import Run
from scalenet_tf.search.mcea import Mcea
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.trial_values import CONFIRM_EPOCHS, encode
from scalenet_tf.utils import files
from tests.helpers.tiny_search import SPACE, new_run, score


def run_with_journal(path: Path) -> Run:
    """A run with all trials of a tiny search, and the training of a finalist as the last one."""
    run, rows = new_run(path), []
    search = Mcea(SearchProblem(SPACE, run.config.search, run.config.seed))
    while not search.finished:
        asked = search.ask()
        assert asked is not None
        search.tell(asked.number, score(asked.subnet))
        values = encode(SPACE, asked.scaling_stage, asked.base, asked.scaling)
        rows.append({"trial": asked.number, "macs": asked.macs, "values": values})
        rows.append({"trial": asked.number, "score": score(asked.subnet)})
    trained = {**rows[-2], "trial": asked.number + 1, "values": {**values, CONFIRM_EPOCHS: 3}}
    rows += [trained, {"trial": asked.number + 1, "score": 0.9}]
    files.write_text(run.trials_file, "".join(json.dumps(row) + "\n" for row in rows))
    return run
