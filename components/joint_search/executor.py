"""Searches the base and the scalings jointly, in one process, in several, or on many machines."""

from __future__ import annotations

import os
from pathlib import Path

from components.common.artifact import Made, as_input, produce, read_artifact
from components.common.artifact_types import EXAMPLES, RESULT, SUPERNET
from components.common.lineage import Lineage
from components.common.outcome import Outcome
from components.common.runs import (
    PUT_BACK,
    check_scratch,
    config_after,
    decided_by,
    open_run,
    own_recipes,
    run_parts,
    upstream_parts,
)
from scalenet_tf import steps
from scalenet_tf.config import RunConfig
from scalenet_tf.distribute.cluster import Cluster, read_cluster
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.paths import PUBLISHED
from scalenet_tf.run.requested_space import requested_space
from scalenet_tf.run.search_result import SearchResult
from scalenet_tf.run.warm_start import read_warm_start
from scalenet_tf.utils.value_file import read_value

PORT = 8470


def search(
    *, examples: str, supernet: str, result: str, config: str = "", workers: int = 0, scratch: str = ""
) -> Outcome:
    """Searches and writes the result; see the component.

    Raises:
      ScaleNetError: If the budgets cannot be met, or every trial or a process fails.
    """
    if workers < 0:
        raise InvalidInputError(f"`workers` must be 0 or more. Received: {workers}")
    check_scratch(scratch)
    inputs = {
        "examples": as_input(examples, given := read_artifact("examples", examples, [EXAMPLES])),
        "supernet": as_input(supernet, read_artifact("supernet", supernet, [SUPERNET])),
    }
    settings = config_after(config, supernet)
    lineage = Lineage("joint_search", inputs, _decided_by(settings), given["data_digest"])

    def work(folder: Path) -> Made | None:
        return _search(folder, settings, examples, supernet, workers)

    metadata = produce(result, RESULT, lineage, work, scratch)
    if not metadata:
        return Outcome({})
    return Outcome(metadata, _metrics(_read(RunFolder(Path(result)))))


def _decided_by(settings: RunConfig) -> dict[str, str]:
    """Digests of what decides the result; the number of processes does not."""
    parameters = decided_by(settings)
    if settings.search.confirm:
        parameters |= own_recipes(settings, range(len(requested_space(settings).menus)))
    start = settings.search.warm_start
    if start not in (None, PUBLISHED) and (read := read_warm_start(start)) is not None:
        parameters["warm_start"] = read.digest  # The configuration has its path.
    return parameters


def _search(folder: Path, config: RunConfig, examples: str, supernet: str, workers: int) -> Made | None:
    from components.joint_search.processes import search_apart
    from components.joint_search.tables import write_tables
    from scalenet_tf.utils.tf_setup import load_tensorflow

    cluster = read_cluster()
    run = open_run(folder, config, examples, upstream_parts(supernet, "supernet"))
    load_tensorflow()
    if cluster.several:
        _enter(cluster)
    elif workers:
        search_apart(run, workers)
    steps.search(run)
    if not cluster.chief:
        return None
    found = _read(run)
    tables = write_tables(run, found, folder)
    return Made({**run_parts(run, run.search), **tables}, {"fitness": found.fitness})


def _read(folder: RunFolder) -> SearchResult:
    return read_value(folder.search_result_file, SearchResult, PUT_BACK)


def _enter(cluster: Cluster) -> None:
    """Enters this worker's role in a search on the machines of TF_CONFIG.

    The chief listens at its address in TF_CONFIG, unless KERASTUNER_ORACLE_IP gives it another one.
    """
    from scalenet_tf.search.distributed.role import HOST, read_role

    host = cluster.addresses[0].rpartition(":")[0]
    if cluster.chief:
        host = os.environ.get(HOST) or host
    name = None if cluster.chief else f"w{cluster.index}"
    role = read_role(cluster.chief, name, f"{host}:{PORT}")
    if role is not None:
        role.enter()


def _metrics(found: SearchResult) -> dict[str, float]:
    scores = {f"score_s{entry.stage}": entry.score for entry in found.scalings if entry.score is not None}
    cost = {"trials": float(found.cost.trials), "failed": float(found.cost.failed)}
    return {"fitness": found.fitness, **scores, **cost}
