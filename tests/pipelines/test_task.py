"""Settings of a target, as the tasks of the compiled pipeline have them."""

from __future__ import annotations

from pathlib import Path

import kfp.compiler
import yaml

from pipelines.family import build
from pipelines.target import Target, load_target


def test_a_pod_starts_as_many_threads_as_it_has_cores(tmp_path: Path) -> None:
    own = "tasks.evaluator.environment={TF_NUM_INTRAOP_THREADS: '1'}"
    found = threads(load_target("kubeflow", ["defaults.cpu=1.5", own]), tmp_path)
    assert (found["pusher"], found["supernet-trainer"]) == (["2", "2"], ["8", "8"])
    assert found["evaluator"] == ["1", "2"]
    assert set(map(tuple, threads(load_target("local"), tmp_path).values())) == {("", "")}


def threads(target: Target, folder: Path) -> dict[str, list[str]]:
    """The threads within and between operations of each executor, "" if it does not say."""
    file = folder / "pipeline.yaml"
    kfp.compiler.Compiler().compile(build(target), str(file))
    spec = next(yaml.safe_load_all(file.read_text("utf-8")))
    found = {}
    for name, executor in spec["deploymentSpec"]["executors"].items():
        values = {entry["name"]: entry["value"] for entry in executor["container"]["env"]}
        kinds = ("INTRAOP", "INTEROP")
        found[name.removeprefix("exec-")] = [values.get(f"TF_NUM_{kind}_THREADS", "") for kind in kinds]
    return found
