"""`search_family` from nothing to a trained family, and what it refuses before anything is trained."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

import scalenet_tf as sn
from scalenet_tf.api.job import search_family
from scalenet_tf.config import RunConfig, load_config
from scalenet_tf.config.source import source_of
from scalenet_tf.data import load_data
from scalenet_tf.distribute.cluster import EXAMPLE
from scalenet_tf.presets import load_space
from scalenet_tf.run import Run
from tests.helpers.interrupted_call import pairs, set_up
from tests.helpers.listener import Listener

# A configuration whose first step refuses to begin.
REFUSED = {"supernet": {"batch_size": 20_000}}


def test_a_call_that_the_first_step_refuses_leaves_no_directory(tmp_path: Path) -> None:
    with pytest.raises(sn.ScaleNetError, match=r"`supernet\.batch_size`"):
        search_family(pairs(60), run=tmp_path / "run", config="smoke", verbose=False, **REFUSED)
    assert list(tmp_path.iterdir()) == []


def test_arrays_are_stored_and_read_as_they_are(tmp_path: Path) -> None:
    images, labels = pairs(60)
    run = set_up((images, labels), tmp_path / "run", test_data=pairs(9, 1), validation_data=pairs(12, 2))
    data = load_data(run.config.data, 0)
    assert data.info.counts == {"train": 60, "validation": 12, "test": 9}
    assert data.info.labels == ("0", "1", "2")
    stored = {image.tobytes() for image in data.train.take(np.arange(60))}
    assert stored == {image.tobytes() for image in images}
    np.testing.assert_array_equal(np.bincount(data.train.class_ids()), [20, 20, 20])


@pytest.mark.parametrize(
    "form",
    [
        *("float", "one-hot", "names", "batched"),
        *(pytest.param(form, marks=pytest.mark.slow) for form in ("unit", "column", "single")),
    ],
)
def test_every_form_of_the_same_images_is_the_same_run(tmp_path: Path, form: str) -> None:
    images, labels = pairs(60)
    hot = np.eye(3)[labels]
    names = np.array(["0", "1", "2"])[labels]
    data: object = {
        "float": (images.astype(np.float32), labels),
        "unit": (images / 255, labels),
        "one-hot": (images, hot),
        "column": (images[..., 0], labels[:, None].astype(np.float32)),
        "names": (images, names),
        "batched": tf.data.Dataset.from_tensor_slices((images, hot)).shuffle(60, seed=1).batch(7),
        "single": tf.data.Dataset.from_tensor_slices((images, labels)).shuffle(60, seed=1),
    }[form]
    run = set_up((images, labels), tmp_path / "run")
    before = (tmp_path / "run" / "images" / "Split-train").stat().st_mtime_ns
    set_up(data, tmp_path / "run")
    after = (tmp_path / "run" / "images" / "Split-train").stat().st_mtime_ns
    # Floats in 0..1 are the same pixels, but another range of what is passed to `predict`.
    assert (after == before) == (form != "unit")
    assert load_data(run.config.data, 0).info.counts["train"] > 0


def test_a_keras_dataset_brings_its_class_names(tmp_path: Path, write_photos: Path) -> None:
    data = keras.utils.image_dataset_from_directory(write_photos, image_size=(20, 20), verbose=False)
    run = set_up(data, tmp_path / "run")
    info = load_data(run.config.data, 0).info
    assert (info.labels, info.channels, info.image_size) == (("cat", "dog"), 3, 20)


def test_several_workers_use_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TF_CONFIG", EXAMPLE)
    with pytest.raises(sn.ScaleNetError, match=r"trains in one process\. .* TF_CONFIG.* `scalenet run`"):
        sn.search_family("bundled", run=tmp_path / "run", config="smoke")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ([1, 2], r"`data` must be a pair .* Received: list of length 2"),
        ((np.zeros((4, 8, 8)), np.zeros(3)), "as many labels as images"),
        ((np.zeros((4, 8, 8, 4)), np.zeros(4)), r"\[N, H, W, 3\]. Received: \[4, 8, 8, 4\]"),
        ((np.full((4, 8, 8), -1.0), np.zeros(4)), "in 0..1.*Received: -1 to -1"),
        ((np.full((4, 8, 8), np.nan), np.zeros(4)), "Received: nan to nan"),
        ((np.zeros((4, 8, 8)), np.array([0, 1, 2, -1])), r"labels must be classes 0, 1"),
        (
            (np.zeros((4, 8, 8)), np.array([0, 1, 2, 1e300])),
            r"classes 0, 1.*\(regression\) are not",
        ),
        ((np.zeros((4, 8, 8)), np.ones((4, 3))), "one-hot, with one 1 in each row"),
        ((np.zeros((0, 8, 8)), np.zeros(0)), "`data` must hold images. Received none"),
        (tf.data.Dataset.from_tensors((np.zeros((2, 8, 8, 1)), [0, 1])).repeat(), "endless"),
        (tf.data.Dataset.from_tensors(np.zeros((2, 8, 8, 1))), "dataset of pairs"),
    ],
)
def test_images_that_cannot_be_used_leave_nothing_behind(tmp_path: Path, data: object, expected: str) -> None:
    with pytest.raises(sn.ScaleNetError, match=expected):
        search_family(data, run=tmp_path / "run", verbose=False)  # type: ignore[arg-type]
    assert not list(tmp_path.rglob("*.json"))
    assert not list(tmp_path.rglob("*.tfrecord"))


@pytest.mark.parametrize("file", ["notes.txt", "images/cat.png"])
def test_a_directory_with_other_files_is_refused_and_left_alone(tmp_path: Path, file: str) -> None:
    mine = tmp_path / "run" / file
    mine.parent.mkdir(parents=True)
    mine.write_text("mine")
    with pytest.raises(sn.ScaleNetError, match=r"holds other files.* Give an"):
        search_family(pairs(60), run=tmp_path / "run", verbose=False)
    assert [path for path in (tmp_path / "run").rglob("*") if path.is_file()] == [mine]


def test_a_run_that_another_process_works_on_is_left_alone(tmp_path: Path) -> None:
    run = set_up(pairs(60), tmp_path / "run")
    code = (
        "import sys, time; from pathlib import Path; from scalenet_tf.run.locks import TRAIN, step_lock\n"
        "with step_lock(Path(sys.argv[1]), TRAIN): print('held', flush=True); time.sleep(60)"
    )
    other = subprocess.Popen([sys.executable, "-c", code, str(run.path)], stdout=subprocess.PIPE, text=True)
    try:
        assert other.stdout is not None and other.stdout.readline() == "held\n"
        stored = (run.path / "images" / "images.json").read_bytes()
        with pytest.raises(sn.ScaleNetError, match=rf"another process is working.*process {other.pid} on"):
            search_family(pairs(60, seed=1), run=run.path, verbose=False)
        assert (run.path / "images" / "images.json").read_bytes() == stored
    finally:
        other.kill()
        other.communicate()


def test_too_few_class_names_and_names_without_images_are_refused(tmp_path: Path) -> None:
    with pytest.raises(sn.ScaleNetError, match="label 2, which has no name: `class_names` names 2"):
        search_family(pairs(9), run=tmp_path / "run", class_names=["a", "b"], verbose=False)
    with pytest.raises(sn.ScaleNetError, match="`test_data` goes with images in `data`"):
        search_family("bundled", run=tmp_path / "run", test_data=pairs(9), verbose=False)


def test_settings_are_keywords_dicts_or_dotted(tmp_path: Path) -> None:
    def config(**arguments: object) -> RunConfig:
        shutil.rmtree(tmp_path / "run", ignore_errors=True)
        return set_up(None, tmp_path / "run", **arguments).config

    expected = load_config("smoke", ["search.rounds=5", "seed=3"])
    assert config(seed=3, search={"rounds": 5}) == expected
    assert config(**{"seed": 3, "search.rounds": 5}) == expected
    with pytest.raises(sn.ScaleNetError, match=r"unknown key `search.round`.*rounds"):
        search_family(run=tmp_path / "new", search={"round": 5})
    with pytest.raises(sn.ScaleNetError, match=r"`search` must be a section, given as a dict. Received: 5"):
        search_family(run=tmp_path / "new", search=5)
    assert not (tmp_path / "new").exists()


def test_a_space_of_python_is_the_runs(tmp_path: Path) -> None:
    space = load_space("small").model_copy(update={"name": "mine"})
    run = set_up(None, tmp_path / "run", space=space)
    assert json.loads(run.space_file.read_text())["name"] == "mine"
    moved = Run.open(shutil.move(run.path, tmp_path / "moved"))
    assert set_up(None, moved.path, space=space).space().name == "mine"


def test_max_macs_bounds_the_largest_member(tmp_path: Path) -> None:
    run = set_up(None, tmp_path / "run", max_macs=np.int64(7_000_000))
    budget = run.space().budget
    assert budget.macs * (1 + budget.base_tolerance) * 2**4 * 1.05 <= 7e6
    with pytest.raises(sn.ScaleNetError, match=r"`max_macs` 1,000,000 leaves .*reach 24"):
        search_family(run=tmp_path / "new", config="smoke", max_macs=1e6)


def test_the_determinism_of_the_program_is_left_as_it_was(tmp_path: Path) -> None:
    from tensorflow.python.framework import config

    before = config.is_op_determinism_enabled()
    try:
        config.disable_op_determinism()
        set_up(pairs(60), tmp_path / "run")
        # With determinism, this would ask for a seed.
        assert len(list(tf.data.Dataset.range(3).shuffle(3))) == 3
    finally:
        if before:
            tf.config.experimental.enable_op_determinism()


def test_a_path_of_a_folder_is_a_source(tmp_path: Path) -> None:
    assert source_of(str(tmp_path)) == f"folder:{tmp_path}"
    assert source_of(tmp_path / "photos") == f"folder:{tmp_path / 'photos'}"
    assert source_of("tfds:mnist") == "tfds:mnist"


def test_own_parts_are_checked_before_anything_is_trained(tmp_path: Path) -> None:
    own = sn.MemberTraining(loss=keras.losses.CategoricalFocalCrossentropy())
    with pytest.raises(sn.ScaleNetError, match=r"must take logits"):
        search_family(run=tmp_path / "run", config="smoke", verbose=False, member_training=own)
    with pytest.raises(sn.ScaleNetError, match=r"needs `members\.jobs` 1\. Received: 3"):
        search_family(
            run=tmp_path / "run", config="smoke", verbose=False, member_training=own, members={"jobs": 3}
        )
    assert not (tmp_path / "run" / "supernet").exists() and not (tmp_path / "run" / "members").exists()


@pytest.mark.slow
@pytest.mark.timeout(900)
def test_arrays_to_a_family_and_back_without_them(tmp_path: Path) -> None:
    settings = {
        "config": "smoke",
        "supernet": {"steps": 4, "batch_size": 16, "warmup_steps": 1},
        "search": {"rounds": 1, "population": 2, "recalibration_images": 20, "batch_size": 20},
        "search.validation_images": 20,
        "members": {"epochs": 1, "epoch_images": 16, "batch_size": 16, "scratch_epochs": 1},
        "ladder": {"stages": 2},
        "scale": {"extra_stages": 0},
    }
    listener = Listener()
    own = sn.MemberTraining(loss=keras.losses.CategoricalFocalCrossentropy(from_logits=True))
    family = search_family(
        pairs(240),
        run=tmp_path / "run",
        verbose=False,
        callbacks=[listener],
        member_training=own,
        tracking="tensorboard",
        **settings,
    )
    steps = [event[1] for event in listener.heard if event[0] == "step_end"]
    assert steps == ["train", "search", "scale", "retrain", "export", "report"]
    assert [event for event in listener.heard if event[0] in ("epoch", "member")] == [
        (kind, member, 1) for member in ("s0", "s1") for kind in ("epoch", "member")
    ]
    assert ("trial", 0) in listener.heard and listener.heard[-1] == ("end",)
    assert list((tmp_path / "run").glob("members/s1/tensorboard/events*"))
    assert list((tmp_path / "run").glob("search/tensorboard/*/events*"))
    assert [member.name for member in family] == ["s0", "s1"]
    assert family.report.is_file()
    again = search_family(run=tmp_path / "run", verbose=False)
    assert str(again) == str(family)
    assert family["S1"].evaluate().accuracy == pytest.approx(family["s1"].row.test_accuracy)
