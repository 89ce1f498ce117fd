"""The code of docs/guides/block.md does what the page says, and its block goes through the whole job."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import scalenet_tf
from scalenet_tf.models.subnet_evaluator import SubnetEvaluator
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.presets import load_space
from scalenet_tf.sampling import draw_subnet
from tests.helpers.agreement import differences

ROOT = Path(scalenet_tf.__file__).resolve().parents[1]
PAGE = (ROOT / "docs" / "guides" / "block.md").read_text("utf-8")
CODE = re.findall(r"^```(\w+)\n(.*?)^```", PAGE, re.M | re.S)


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the page's two files, where a user would stand."""
    [(_, block), (_, space), _] = CODE
    (tmp_path / "bottleneck.py").write_text(block, "utf-8")
    (tmp_path / "space.yaml").write_text(space, "utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def test_the_page_has_a_block_of_at_most_60_lines_a_space_and_its_use() -> None:
    assert [kind for kind, _ in CODE] == ["python", "yaml", "python"]
    assert sum(text.count("\n") for _, text in CODE[:2]) <= 60


@pytest.mark.slow
def test_the_code_of_the_page_runs_and_the_block_equals_its_plain_model(files: Path) -> None:
    exec(compile(CODE[2][1], "block.md", "exec"), {})
    space = load_space("space.yaml")
    for sharing in ("slot", "op"):
        evaluator = SubnetEvaluator(SuperSupernet(space, seed=1, sharing=sharing), traced=False)
        for step in range(2):
            assert differences(evaluator, draw_subnet(space, 3, step).subnet)["eager"] <= 1e-5


@pytest.mark.slow
def test_the_commands_of_the_page_run_the_whole_job(files: Path) -> None:
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(files), str(ROOT)])}

    def scalenet(*arguments: str) -> None:
        subprocess.run(
            [sys.executable, "-m", "scalenet_tf.cli", *arguments], check=True, env=environment, timeout=600
        )

    scalenet("info", "space", "space.yaml")
    scalenet("run", "--config", "smoke", "--set", "space=space.yaml", "--run", "run")
    member = files / "run" / "members" / "s0"
    assert (member / "saved_model" / "1" / "saved_model.pb").is_file()
    scalenet("export", "--run", "run", "--format", "litert", "--format", "keras")
    methods = ("ptq-int8", "ptq-float16", "qat-int8", "prune", "cluster")
    scalenet("compress", "--run", "run", "--stage", "0", *(word for m in methods for word in ("--method", m)))
    assert sorted(path.name for path in (member / "compressed").iterdir()) == sorted(methods)
