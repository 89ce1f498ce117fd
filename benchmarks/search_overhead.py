"""What the search costs besides scoring: CPU time and bytes a trial, as the search grows.

    python benchmarks/search_overhead.py --trials 10000
    python benchmarks/search_overhead.py --trials 2000 --stock

The score is trivial, so all that is measured is bookkeeping. `--stock` runs Keras Tuner's own random search
over the same hyperparameters beside it.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import keras_tuner
from rich.console import Console
from rich.table import Table

from scalenet_tf.config import SearchConfig
from scalenet_tf.presets import load_space
from scalenet_tf.search.declaration import declare
from scalenet_tf.search.oracle import OBJECTIVE, ScaleNetOracle
from scalenet_tf.search.tuner import ScaleNetTuner
from scalenet_tf.space import SearchSpace, Subnet

WINDOWS = 5


class Enough(KeyboardInterrupt):
    """Ends a search as Ctrl-C does."""


class StockTuner(keras_tuner.Tuner):
    """Keras Tuner's bookkeeping with a trivial score."""

    def run_trial(
        self, trial: keras_tuner.engine.trial.Trial, limit: Callable[[], None], verbose: int
    ) -> dict[str, float]:
        limit()
        return {OBJECTIVE: random.Random(trial.trial_id).random()}


def clocked(trials: int, times: list[float]) -> Callable[[], None]:
    """Notes the CPU time of each call; ends the search after `trials` of them."""

    def limit() -> None:
        times.append(time.process_time())
        if len(times) > trials:
            raise Enough

    return limit


def ours(space: SearchSpace, project: Path, trials: int) -> list[float]:
    """CPU seconds at the start of each trial."""
    config = SearchConfig(rounds=100, population=64, generations=40, start_bases=20)
    times: list[float] = []
    limit = clocked(trials, times)

    def score(subnet: Subnet) -> float:
        limit()
        return random.Random(subnet.key).random()

    try:
        ScaleNetTuner(ScaleNetOracle(space, config, 0, "benchmark"), score, project).search()
    except Enough:
        pass
    begun = time.process_time()
    ScaleNetTuner(ScaleNetOracle(space, config, 0, "benchmark"), score, project)
    print(
        f"a resume after {len(times) - 1} trials takes {time.process_time() - begun:.2f} s", file=sys.stderr
    )
    return times


def stock(space: SearchSpace, project: Path, trials: int) -> list[float]:
    """The same with Keras Tuner's random search."""
    oracle = keras_tuner.oracles.RandomSearchOracle(
        objective=keras_tuner.Objective(OBJECTIVE, "max"),
        max_trials=trials + 1,
        hyperparameters=declare(space),
        seed=1,
    )
    times: list[float] = []
    tuner = StockTuner(oracle, directory=str(project.parent), project_name=project.name)
    try:
        tuner.search(limit=clocked(trials, times), verbose=0)
    except Enough:
        pass
    return times


def main() -> None:
    """Prints one row for each fifth of the trials."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--space", default="paper")
    parser.add_argument("--trials", type=int, default=10_000)
    parser.add_argument("--stock", action="store_true", help="measure Keras Tuner's own random search too")
    arguments = parser.parse_args()
    space = load_space(arguments.space)
    table = Table("search", "trials", "ms CPU a trial", "bytes a trial")
    searches = {"ScaleNetOracle": ours} | ({"RandomSearch": stock} if arguments.stock else {})
    for name, search in searches.items():
        with tempfile.TemporaryDirectory() as folder:
            times = search(space, Path(folder) / "search", arguments.trials)
            size = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
        count = len(times) - 1
        for window in range(WINDOWS):
            first, last = count * window // WINDOWS, count * (window + 1) // WINDOWS
            cost = 1000 * (times[last] - times[first]) / (last - first)
            table.add_row(name, f"{first}-{last}", f"{cost:.2f}", f"{size / count:.0f}")
    Console().print(table)


if __name__ == "__main__":
    main()
