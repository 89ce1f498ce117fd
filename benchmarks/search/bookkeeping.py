"""What a trial costs besides its score as a search grows: CPU time, disk, memory; and reopening a search."""

from __future__ import annotations

import re
import tempfile
import time
from itertools import pairwise
from pathlib import Path
from statistics import mean, median

from benchmarks.common.row import Progress, Row
from benchmarks.search.trivial_score import Enough, open_project, stock_search
from scalenet_tf.presets import load_space

EARLY = 1000
WINDOW = 1000
MB = 2**20


def bookkeeping_rows(name: str, trials: int, seed: int) -> list[Row]:
    """Five rows of one long search in this process, with times in CPU seconds.

    Args:
      name: Name of the space.
      trials: Number of trials, more than 1,000.
      seed: Seed of the search.
    """
    space = load_space(name)
    with tempfile.TemporaryDirectory() as folder:
        project = Path(folder) / "search"
        clock = Clock("bookkeeping", trials)
        try:
            open_project(space, project, seed, clock).search()
        except Enough:
            pass
        size = sum(file.stat().st_size for file in project.rglob("*") if file.is_file())
        weights = [file.name for file in project.rglob("*") if file.suffix not in {".json", ".jsonl"}]
        begun, cpu = time.perf_counter(), time.process_time()
        open_project(space, project, seed)
        wall, cpu = time.perf_counter() - begun, time.process_time() - cpu
    early, late = clock.milliseconds(EARLY), clock.milliseconds(trials)
    means = [round(clock.mean(n), 3) for n in range(WINDOW, trials + 1, max(WINDOW, trials // 6))]
    detail = {"trials": trials, "mean_ms_by_window": means, "growth_mb_by_window": clock.growth()}
    kilobytes = size / 1000 / trials
    growth = clock.growth()[-1]
    return [
        Row(
            f"bookkeeping per trial at {EARLY:,} trials",
            1.0,
            round(early, 3),
            "ms",
            f"CPU time, median of the last {WINDOW:,}; mean {clock.mean(EARLY):.2f}",
            detail,
        ),
        Row(
            f"bookkeeping per trial at {trials:,} trials, to that at {EARLY:,}",
            1.2,
            round(late / early, 3),
            "",
            f"{late:.2f} ms, mean {clock.mean(trials):.2f}: breeding of generations included",
        ),
        Row(f"reopening a project of {trials:,} trials", 10.0, round(wall, 2), "s", f"{cpu:.1f} s CPU time"),
        Row(
            "disk per trial",
            2.0,
            round(kilobytes, 3),
            "kB",
            f"other files than JSON: {', '.join(weights) or 'none'}",
        ),
        Row(
            f"memory growth over {trials:,} trials",
            300.0,
            growth,
            "MB",
            "resident and swapped, from the first trial",
        ),
    ]


def stock_rows(name: str, trials: int, seed: int) -> list[Row]:
    """A row for comparison: Keras Tuner's own random search. It has no goal of its own."""
    with tempfile.TemporaryDirectory() as folder:
        clock = Clock("stock", trials)
        try:
            stock_search(load_space(name), Path(folder) / "stock", trials, clock)
        except Enough:
            pass
        size = sum(file.stat().st_size for file in Path(folder).rglob("*") if file.is_file())
    window = min(WINDOW, trials // 2)
    late = clock.milliseconds(trials, window)
    early, kilobytes = clock.milliseconds(window, window), size / 1000 / trials
    note = f"for comparison; {early:.2f} ms at {window:,}, {kilobytes:.1f} kB per trial"
    return [Row(f"bookkeeping per trial at {trials:,} trials, RandomSearch", 1.0, round(late, 3), "ms", note)]


class Clock:
    """Records CPU time and memory at each trial, and ends the search.

    Args:
      part: Name of the measurement.
      trials: Number of trials after which the search ends.
    """

    def __init__(self, part: str, trials: int) -> None:
        self._trials = trials
        self._times: list[float] = []
        self._memory: list[int] = []
        self._step = max(trials // 6, 1)
        self._progress = Progress(part, 6)

    def __call__(self) -> None:
        count = len(self._times)
        if count % self._step == 0:
            self._memory.append(used_bytes())
            if 0 < count <= 6 * self._step:
                self._progress.advance(
                    f"{count:,} trials, {self.milliseconds(count):.2f} ms CPU time per trial"
                )
        self._times.append(time.process_time())
        if count >= self._trials:
            raise Enough

    def _last(self, trial: int, window: int) -> list[float]:
        times = self._times[max(trial - window, 0) : trial + 1]
        return [1000 * (after - before) for before, after in pairwise(times)]

    def milliseconds(self, trial: int, window: int = WINDOW) -> float:
        """Median CPU milliseconds of the last `window` trials before `trial`."""
        return median(self._last(trial, window))

    def mean(self, trial: int) -> float:
        """Mean CPU milliseconds of the last trials before `trial`."""
        return mean(self._last(trial, WINDOW))

    def growth(self) -> list[float]:
        """Megabytes of memory added since the first trial, at each sixth of the search."""
        return [round((used - self._memory[0]) / MB, 1) for used in self._memory]


def used_bytes() -> int:
    """Bytes of anonymous memory, resident or swapped out, since a machine short of memory swaps."""
    status = Path("/proc/self/status").read_text()
    found = re.findall(r"(?:RssAnon|VmSwap):\s+(\d+) kB", status)
    if len(found) != 2:
        raise SystemExit("/proc/self/status lacks RssAnon or VmSwap: this row needs Linux")
    return 1024 * sum(map(int, found))
