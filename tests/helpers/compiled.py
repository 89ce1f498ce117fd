"""The compiled pipeline as its golden file keeps it: without what a new release of KFP changes.

Rewrite the golden files with: python -m tests.helpers.compiled
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import yaml

from pipelines.compile import compile_pipeline
from pipelines.parameters import read_parameters
from pipelines.target import Target, load_target
from scalenet_tf.utils import files

GOLDEN = Path(__file__).parents[1] / "pipelines" / "golden"
IMAGE = "image=registry.example/scalenet-tf-python:abc123"
SEVERAL_MACHINES = [
    IMAGE,
    "scratch=/gcs/bucket/scratch",
    "tasks.supernet_trainer.replicas=4",
    "tasks.joint_search.replicas=3",
    "tasks.family_trainer={machine_type: ct5lp-hightpu-4t, tpu_topology: 2x2}",
]
VOLUME = [
    IMAGE,
    "scratch=/scratch",
    "kubeflow.scratch_claim=scalenet",
    "tasks.family_trainer.node_selector={cloud.google.com/gke-spot: 'true'}",
    "tasks.family_trainer.tolerations=[{key: nvidia.com/gpu, operator: Exists}]",
    "tasks.pusher.secrets={MODEL_STORE: models/login}",
]
CASES = {
    "local": ("local", []),
    "kubeflow": ("kubeflow", VOLUME),
    "vertex": ("vertex", SEVERAL_MACHINES),
}


def compiled(case: str, folder: Path) -> Path:
    """The compiled file of one case."""
    name, overrides = CASES[case]
    target: Target = load_target(name, overrides)
    push = None if name == "local" else "gs://bucket/models"
    parameters = read_parameters(target, "smoke", destination=push)
    return Path(compile_pipeline(target, parameters, folder / f"{case}.yaml"))


def golden(file: Path) -> list[Any]:
    """A compiled file's documents without versions, components' sources and configurations."""
    documents = list(yaml.safe_load_all(file.read_text("utf-8")))
    del documents[0]["sdkVersion"]
    for executor in documents[0]["deploymentSpec"]["executors"].values():
        if executor["container"]["image"] == "scalenet-tf-python:0.1.0":
            executor["container"]["image"] = "the components' own"
    return [_without_sources(document) for document in documents]


def _without_sources(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_sources(below) for key, below in value.items() if key != "description"}
    if isinstance(value, list):
        return [_without_sources(below) for below in value]
    long = isinstance(value, str) and ("\n" in value or len(value) > 200)
    return "a long text" if long else value


def main() -> None:
    """Rewrites every golden file."""
    with tempfile.TemporaryDirectory() as folder:
        for case in CASES:
            files.write_json(GOLDEN / f"{case}.json", golden(compiled(case, Path(folder))))
            print(case)


if __name__ == "__main__":
    main()
