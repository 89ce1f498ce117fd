"""Members as Keras, LiteRT and ONNX files, scored by the runtimes themselves."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tensorflow as tf

from scalenet_tf.data import open_data
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.export import export_member
from scalenet_tf.export.parity import TOLERANCES, Batch, ways_to_ask
from scalenet_tf.members.evaluation import TrainedMember, load_member
from scalenet_tf.profiling.litert import Runner
from scalenet_tf.run import Run
from scalenet_tf.run.export_digests import exported_formats
from scalenet_tf.run.exports import Format, export_folder, model_file
from scalenet_tf.utils import files

OTHERS = [form for form in Format if form is not Format.saved_model]


@pytest.mark.parametrize("form", OTHERS)
def test_the_file_answers_real_images_as_the_model_does(form: Format, all_forms_run: Run) -> None:
    assert set(exported_formats(all_forms_run, 0)) == set(Format)
    file = model_file(export_folder(all_forms_run, 0, form), form)
    score = next(iter(ways_to_ask(file.parent, form).values()))
    batches = open_data(all_forms_run).evaluation_batches("test", resolution=12, batch_size=32, limit=32)
    [(images, _)] = list(batches)
    expected = tf.nn.softmax(load_member(all_forms_run, 0).model(images, training=False)).numpy()
    for count in (32, 1, 3):
        np.testing.assert_allclose(
            score(Batch(images, images.numpy()[:count])), expected[:count], atol=TOLERANCES[form]
        )
    recorded = files.read_json(all_forms_run.member(0) / "metrics.json")["environment"]["formats"][str(form)]
    assert recorded["images"] == 256
    assert 0 <= recorded["largest_difference"] <= TOLERANCES[form]
    assert recorded["bytes"] == file.stat().st_size
    before = file.stat().st_mtime_ns
    assert export_member(all_forms_run, 0, form) == file.parent
    assert file.stat().st_mtime_ns == before


def test_half_precision_halves_the_weights(all_forms_run: Run) -> None:
    whole, half = (
        model_file(export_folder(all_forms_run, 0, form), form).stat().st_size
        for form in (Format.litert, Format.litert_float16)
    )
    assert half < whole


@pytest.mark.parametrize(
    "form",
    [
        *(form for form in OTHERS if form is not Format.litert_float16),
        pytest.param(Format.litert_float16, marks=pytest.mark.slow),  # as litert, rounded
    ],
)
def test_a_damaged_file_fails_its_check_and_is_not_left_behind(
    form: Format, trained_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights_file = trained_run.member(0) / "weights.npz"
    with np.load(weights_file) as arrays:
        weights = dict(arrays)
    # What is written differs from the model that the check compares it with.
    from scalenet_tf.export import step

    write = step._write

    def damaged(member: TrainedMember, *rest: Any) -> None:
        classifier = member.model.get_layer("classifier")
        right = classifier.get_weights()
        classifier.set_weights([-weights["classifier/kernel"], weights["classifier/bias"]])
        write(member, *rest)
        classifier.set_weights(right)

    monkeypatch.setattr(step, "_write", damaged)
    with pytest.raises(ScaleNetError, match=rf"the exported {form} differs from the Keras model by 0\.\d+"):
        export_member(trained_run, 0, form)
    assert list(export_folder(trained_run, 0, form).parent.iterdir()) == []
    assert "formats" not in files.read_json(trained_run.member(0) / "metrics.json")["environment"]


@pytest.mark.parametrize(
    ("form", "module"),
    [(Format.litert, "ai_edge_litert"), (Format.onnx, "tf2onnx"), (Format.onnx, "onnxruntime")],
)
def test_a_missing_package_names_the_extra(
    form: Format, module: str, trained_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [module, *(name for name in sys.modules if name.startswith(f"{module}."))]:
        monkeypatch.setitem(sys.modules, name, None)
    if module == "ai_edge_litert":
        monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(ScaleNetError, match=rf"{module}.*pip install \"scalenet-tf\[export\]\""):
        export_member(trained_run, 0, form)
    assert exported_formats(trained_run, 0) == []


def test_an_interpreter_needs_its_extra_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ai_edge_litert.interpreter", None)
    with pytest.raises(ScaleNetError, match=r"LiteRT's interpreter needs the package 'ai_edge_litert'"):
        Runner(b"")
