"""Own photos, from nothing to a served model without a setting: by commands, and in a notebook."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

import scalenet_tf as sn
from tests.data.test_made_photos import make_photos
from tests.documentation.test_site import is_installed
from tests.documentation.test_tutorial import scripts
from tests.helpers.public_data import public_data

ROOT = Path(sn.__file__).resolve().parents[1]
pytestmark = pytest.mark.slow
# A limit that no run can keep: what there is then is the shortest run.
SHORTEST = "0.1"


@pytest.fixture(scope="module")
def photos(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Photos of all ten classes of CIFAR-10."""
    folder, packed = tmp_path_factory.mktemp("own"), public_data("cifar10") / "cifar10_images.tar.gz"
    with tarfile.open(packed) as archive:
        chosen = [file for file in archive if re.search(r"train/\w+/00[0-3]\d\.jpg$", file.name)]
        archive.extractall(folder, chosen, filter="data")
    made = make_photos(folder / "train", folder / "photos", "--per-class", "40")
    assert made.returncode == 0, made.stderr
    return folder / "photos"


def scalenet(folder: Path, *words: str) -> str:
    """Runs a command in a folder, and returns what it prints, warnings included."""
    command = [sys.executable, "-m", "scalenet_tf.cli", *words]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    result = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment)
    assert result.returncode == 0, result.stdout + result.stderr
    return result.stdout + result.stderr


def test_commands_lead_from_photos_to_files_that_a_server_answers_from(photos: Path, tmp_path: Path) -> None:
    log = scalenet(tmp_path, "run", "--run", "mine", "--data", str(photos), "--minutes", SHORTEST)
    assert "configuration colour32" in log and "380 images, 10 classes" in log
    assert "grey converted" in log and ".heic" in log and "the shortest one possible" in log
    assert "S4 *" in log
    phone = next(photos.glob("*/phone/*.jpg"))
    assert f"{phone}: " in scalenet(tmp_path, "predict", str(phone), "--run", "mine", "--stage", "s1")
    assert "recommended: S" in scalenet(tmp_path, "report", "--run", "mine", "--max-latency-ms", "1000")
    scalenet(tmp_path, "serve-files", "--run", "mine", "--output", "serving")
    replay = [sys.executable, "-m", "scalenet_tf.serving.replay", "serving/models/s1/1"]
    answered = subprocess.run(
        replay, capture_output=True, text=True, cwd=tmp_path, env=os.environ | {"PYTHONPATH": str(ROOT)}
    )
    assert answered.returncode == 0 and "serving_bytes" in answered.stdout, answered.stderr
    # The same command again resumes, and prints the table at once.
    again = scalenet(tmp_path, "run", "--run", "mine", "--data", str(photos), "--minutes", SHORTEST)
    assert "keeps the length that it was given" in again and "S4 *" in again


CELLS = (
    "import scalenet_tf as sn\nfamily = sn.search_family(PHOTOS, run='mine', minutes=0.1)\nfamily",
    "phone = next(__import__('pathlib').Path(PHOTOS).glob('*/phone/*.jpg'))\n"
    "probabilities = family['s1'].predict([phone])\nprint('classes', probabilities.shape[1])",
    "family['s1'].model.save('s1.keras')\nimport keras\n"
    "print(keras.saving.load_model('s1.keras').count_params())",
    "import tensorflow as tf\nserved = tf.saved_model.load(str(family['s1'].export('saved_model')))\n"
    "answer = served.signatures['serving_bytes'](image_bytes=tf.constant([phone.read_bytes()]))\n"
    "print('served', answer['labels'].shape)",
)


@pytest.mark.skipif(
    not all(map(is_installed, ("nbclient", "nbformat", "ipykernel"))),
    reason='the extra `docs` is not installed: pip install ".[docs]"',
)
def test_a_notebook_leads_there_too(photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import nbformat
    from nbclient import NotebookClient

    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setenv("PATH", f"{scripts(tmp_path)}{os.pathsep}{os.environ['PATH']}")
    cells = [f"PHOTOS = {str(photos)!r}", *CELLS]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=1200, resources={"metadata": {"path": str(tmp_path)}}).execute()
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    shown = "".join(output.get("data", {}).get("text/html", "") for output in outputs)
    printed = "".join(output.get("text", "") for output in outputs)
    assert "S4" in shown and "classes 10" in printed and "served (1, 5)" in printed
