"""The lines of Python and shell on the page, executed as they stand there."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from html import unescape
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from scalenet_tf.report import write_report
from scalenet_tf.run import Run


@pytest.mark.slow
def test_the_lines_load_the_member_and_use_it(exported_run: Run, tmp_path: Path) -> None:
    blocks = re.findall(
        r"(?s)<h3>([^<]*)</h3>\s*<pre><code>(.*?)</code>", write_report(exported_run).path.read_text()
    )
    lines = {title: unescape(code) for title, code in blocks}
    assert list(lines) == ["In Python", "In a shell", "With TensorFlow alone"]
    Image.fromarray(np.full((28, 28), 200, np.uint8)).save(tmp_path / "image.png")
    answers = [
        subprocess.run(
            [sys.executable, "-c", lines[title]], cwd=tmp_path, capture_output=True, text=True, check=True
        ).stdout.strip()
        for title in ("In Python", "With TensorFlow alone")
    ]
    assert answers[0] == answers[1] and answers[0] in exported_run.data_info().labels
    predict, evaluate, export = map(shlex.split, lines["In a shell"].splitlines())
    assert predict[:3] == ["scalenet", "predict", "image.png"]
    for command in (predict, evaluate, export):
        module = [sys.executable, "-m", "scalenet_tf.cli", *command[1:]]
        result = subprocess.run(module, cwd=tmp_path, capture_output=True, text=True)
        assert result.returncode == 0, result.stderr
    assert "With Keras alone" in write_report(exported_run).path.read_text()
