"""Trials of a search with made-up scores, for commands that read its journal."""

from __future__ import annotations

import json
from typing import Any

from scalenet_tf.run import Run
from scalenet_tf.sampling import draw_subnet
from scalenet_tf.sampling.hierarchical import Draw
from scalenet_tf.search.trial_values import encode
from scalenet_tf.utils import files


def write_trials(run: Run, count: int = 40) -> list[Draw]:
    """Writes the journal of a run; the score of a trial is its number divided by `count`."""
    space = run.space()
    draws = [draw_subnet(space, 0, step) for step in range(count)]
    rows: list[dict[str, Any]] = []
    for number, draw in enumerate(draws):
        values = encode(space, draw.scaling_stage, draw.base, draw.scaling)
        rows += [{"trial": number, "values": values}, {"trial": number, "score": number / count}]
    files.write_text(run.trials_file, "".join(f"{json.dumps(row)}\n" for row in rows))
    return draws
