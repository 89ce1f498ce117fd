"""A distributed search: a chief and workers in processes on this machine."""

from __future__ import annotations

import os
import socket
import tempfile
import time
from pathlib import Path

from benchmarks.common.row import Row
from benchmarks.search.trivial_score import CONFIG
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.presets import load_space
from scalenet_tf.search.distributed import chief as _imported_before_the_first_fork  # noqa: F401
from scalenet_tf.search.distributed.role import CHIEF, Role
from scalenet_tf.search.oracle import ScaleNetOracle
from scalenet_tf.search.problem import SearchProblem
from scalenet_tf.search.tuner import ScaleNetTuner
from scalenet_tf.space import Subnet
from scalenet_tf.utils import files

ENOUGH = "enough trials are timed"


def chief_row(name: str, trials: int, seed: int) -> list[Row]:
    """Trials per second through the chief, with three workers and a trivial objective."""
    found = timed(name, 3, trials, 0.0, seed)
    what = "trials through the chief, 3 workers, trivial objective"
    note = (
        f"wall time over {trials:,} trials; CPU time per trial: chief {found['chief_cpu_ms']:.1f} ms, "
        f"its worker {found['worker_cpu_ms']:.1f} ms"
    )
    return [Row(what, 100, round(found["rate"], 1), "1/s", note, found, at_least=True)]


def worker_row(name: str, trials: int, seconds: float, seed: int) -> list[Row]:
    """Trials per second of three workers relative to one worker, with an objective that sleeps."""
    sides = {count: timed(name, count, trials * count, seconds, seed) for count in (1, 3)}
    ratio = sides[3]["rate"] / sides[1]["rate"]
    note = f"{sides[3]['rate']:.1f} to {sides[1]['rate']:.1f} trials/s at {seconds:g} s per trial"
    what = "trials per second of 3 workers / of 1 worker"
    return [Row(what, 2.2, round(ratio, 2), "", note, {str(n): s for n, s in sides.items()}, at_least=True)]


def timed(name: str, workers: int, trials: int, seconds: float, seed: int) -> dict[str, float]:
    """Runs a search until `trials` trials have ended after a warm-up.

    Args:
      name: Name of the space.
      workers: Number of workers.
      trials: Number of trials that are timed.
      seconds: Seconds that a score takes.
      seed: Seed of the search.

    Returns:
      Trials per second of wall time by the chief's clock, and CPU milliseconds per trial of the chief and of
      the worker that scored it.
    """
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        roles = [CHIEF, *(f"w{n}" for n in range(workers))]
        children = [_fork(path, name, Role(role, "127.0.0.1", port), trials, seconds, seed) for role in roles]
        for child in children:
            if os.waitpid(child, 0)[1]:
                raise SystemExit("a process of the search failed: see its error above")
        found: dict[str, float] = files.read_json(path / f"{CHIEF}.json")
        costs = [files.read_json(path / f"{role}.json") for role in roles[1:]]
        spent, scored = (sum(cost[key] for cost in costs) for key in ("cpu_ms", "trials"))
        return found | {"worker_cpu_ms": round(spent / scored, 3)}


def _fork(path: Path, name: str, role: Role, trials: int, seconds: float, seed: int) -> int:
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        role.enter()
        _take_part(path, name, role, trials, seconds, seed)
        code = 0
    finally:
        os._exit(code)


def _take_part(path: Path, name: str, role: Role, trials: int, seconds: float, seed: int) -> None:
    warm_up = 20
    times: list[tuple[float, float]] = []
    scored: list[float] = []

    def on_result(oracle: ScaleNetOracle) -> None:
        times.append((time.monotonic(), time.process_time()))
        if len(times) == warm_up + trials:
            oracle.failure = ENOUGH

    def score(subnet: Subnet) -> float:
        scored.append(time.process_time())
        time.sleep(seconds)
        return int(subnet.key, 16) / 2**64

    oracle = ScaleNetOracle(SearchProblem(load_space(name), CONFIG, seed), "benchmark", on_result=on_result)
    tuner = ScaleNetTuner(oracle, score, path / "search")
    try:
        tuner.search()
        cost = {"cpu_ms": 1000 * (scored[-1] - scored[0]), "trials": len(scored) - 1} if scored else {}
        files.write_json(path / f"{role.name}.json", cost or {"cpu_ms": 0.0, "trials": 0})
    except ScaleNetError as error:
        if str(error) != ENOUGH:
            raise
        wall, cpu = (times[warm_up + trials - 1][i] - times[warm_up - 1][i] for i in (0, 1))
        found = {"rate": round(trials / wall, 2), "chief_cpu_ms": round(1000 * cpu / trials, 3)}
        files.write_json(path / f"{role.name}.json", found)
