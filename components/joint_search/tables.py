"""Tables in the format of TFX's Tuner: the best hyperparameters and all trials; and the Pareto archive."""

from __future__ import annotations

import json
from pathlib import Path

from scalenet_tf.run import Run
from scalenet_tf.run.search_result import SearchResult
from scalenet_tf.search.journal import Journal
from scalenet_tf.search.trial_values import encode
from scalenet_tf.utils import files


def write_tables(run: Run, found: SearchResult, folder: Path) -> dict[str, Path]:
    """Writes the three files of a finished search, and returns them by name."""
    from scalenet_tf.search.hyperparameters import declare

    space = run.space()
    best = declare(space)
    first = found.scalings[0]
    best.values = encode(space, first.stage, found.base, first.scaling)
    rows = Journal(run.trials_file).read()
    values = {row["trial"]: row["values"] for row in rows if "values" in row}
    trials = [
        {"trial_id": row["trial"], "score": row["score"], **values[row["trial"]]}
        for row in rows
        if "score" in row
    ]
    pareto = [entry.model_dump(mode="json") for entry in found.archive]
    return {
        "best_hyperparameters.txt": files.write_text(
            folder / "best_hyperparameters.txt", json.dumps(best.get_config())
        ),
        "tuner_results.json": files.write_json(folder / "tuner_results.json", trials),
        "pareto.json": files.write_json(folder / "pareto.json", pareto),
    }
