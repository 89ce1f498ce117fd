"""Every process that computes chooses its allocator, and does so before TensorFlow is loaded."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import scalenet_tf
from scalenet_tf.utils.allocator import VARIABLE
from scalenet_tf.utils.child_error import read_error

ROOT = Path(scalenet_tf.__file__).resolve().parent.parent
REFUSED = "SCALENET_ALLOCATOR must be 'one-arena' or 'system'. Received: 'jemalloc'"
# A process that gets as far as TensorFlow with the unknown allocator fails in another way.
NO_TENSORFLOW = "import sys\nsys.modules['tensorflow'] = sys.modules['keras'] = None\n"

TRAIN = "import scalenet_tf as sn, scalenet_tf.steps; sn.steps.train(sn.Run.open(sys.argv[1]))"
EXAMPLES = (
    "from components.example_gen.executor import generate; "
    "generate(examples=sys.argv[1] + '/examples', config='smoke', shards=1)"
)
MODULE = (
    "import runpy; module = sys.argv.pop(1); runpy.run_module(module, run_name='__main__', alter_sys=True)"
)
CLI = "scalenet_tf.cli"


@pytest.mark.parametrize(
    ("code", "arguments"),
    [
        (TRAIN, ["RUN"]),
        (EXAMPLES, ["RUN"]),
        (MODULE, [CLI, "run", "--run", "RUN"]),
        (MODULE, [CLI, "search", "--run", "RUN", "--worker", "w1", "--address", "127.0.0.1:1"]),
        (MODULE, [CLI, "info", "data", "bundled"]),
        (MODULE, [CLI, "profile", "blocks", "--space", "small"]),
        (MODULE, ["scalenet_tf.members.parallel", "RUN", "0", "RUN/error.json", "30"]),
        (MODULE, ["scalenet_tf.profiling.child", "saved_model", "RUN", "28", "1", "1"]),
        (MODULE, ["benchmarks.allocator.child", "supernet", "small", "64", "1", "1", "0"]),
    ],
    ids=lambda value: "-".join(value[:2]) if isinstance(value, list) else "",
)
def test_an_unknown_allocator_is_refused_before_tensorflow(
    code: str, arguments: list[str], family_run: scalenet_tf.Run
) -> None:
    words = [word.replace("RUN", str(family_run.path)) for word in arguments]
    result = start(NO_TENSORFLOW + code, *words)
    assert result.returncode
    assert REFUSED in result.stderr + result.stdout


def test_a_worker_of_compression_says_so_in_its_file(family_run: scalenet_tf.Run) -> None:
    failure = family_run.path / "failure.json"
    words = [str(family_run.path), "0", "prune", "{}", str(family_run.path / "made"), str(failure), "30"]
    result = start(NO_TENSORFLOW + MODULE, "scalenet_tf.compress.worker", *words)
    assert result.returncode == 2
    assert str(read_error(failure)) == REFUSED


def start(code: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, VARIABLE: "jemalloc"}
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment)


# They compute nothing with TensorFlow, or by the library's steps and in processes that do.
OTHERS = {
    "count_models.py",
    "search/__main__.py",
    "allocator/__main__.py",
    "compression_accuracy.py",
    "nas_bench_macro/__main__.py",
    "scaling_rules/__main__.py",
}


@pytest.mark.parametrize("folder", ["benchmarks", "studies"])
def test_benchmarks_and_studies_choose_it_too(folder: str) -> None:
    for file in (ROOT / folder).rglob("*.py"):
        text = file.read_text("utf-8")
        if '__name__ == "__main__"' in text and str(file.relative_to(ROOT / folder)) not in OTHERS:
            ways = ("load_tensorflow()", "start_tensorflow()", "tf_setup.setup(")
            assert any(way in text for way in ways), file
