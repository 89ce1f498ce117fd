"""models.config: versions, labels, and the order in which both may change."""

from __future__ import annotations

from pathlib import Path

import pytest
from google.protobuf import text_format

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.serving.models_config import Rollout, models_config_text, next_rollout, read_rollout

model_server_config_pb2 = pytest.importorskip("tensorflow_serving.config.model_server_config_pb2")


def test_the_server_reads_every_model_with_versions_and_labels(tmp_path: Path) -> None:
    rollout = Rollout(loaded=(2, 3), stable=2, canary=3)
    text = models_config_text(["s0", "s1"], rollout)
    read = text_format.Parse(text, model_server_config_pb2.ModelServerConfig()).model_config_list.config
    assert [(model.name, model.base_path, model.model_platform) for model in read] == [
        ("s0", "/models/s0", "tensorflow"),
        ("s1", "/models/s1", "tensorflow"),
    ]
    for model in read:
        assert list(model.model_version_policy.specific.versions) == [2, 3]
        assert dict(model.version_labels) == {"stable": 2, "canary": 3}
    (tmp_path / "models.config").write_text(text)
    assert read_rollout(tmp_path / "models.config") == rollout


def test_there_may_be_no_file_yet(tmp_path: Path) -> None:
    assert read_rollout(tmp_path / "models.config") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("model_config_lst {}", r"is not a models\.config that TensorFlow Serving can read"),
        ("", "must have the same versions, and the labels stable and canary"),
        (
            models_config_text(["s0", "s1"], Rollout(loaded=(1,), stable=1, canary=1)).replace(
                "versions: 1", "versions: 2", 1
            ),
            "must have the same versions",
        ),
    ],
)
def test_a_file_of_someone_elses_is_refused(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "models.config").write_text(text)
    with pytest.raises(ScaleNetError, match=message):
        read_rollout(tmp_path / "models.config")


def test_a_first_version_has_both_labels() -> None:
    assert next_rollout(None, [1], 1) == Rollout(loaded=(1,), stable=1, canary=1)


def test_a_version_is_loaded_then_tried_then_stable_and_can_be_taken_back() -> None:
    begun = Rollout(loaded=(1,), stable=1, canary=1)
    loaded = next_rollout(begun, [1, 2], 2)
    assert loaded == Rollout(loaded=(1, 2), stable=1, canary=1)
    tried = next_rollout(loaded, [1, 2], 2, canary=2)
    assert tried == Rollout(loaded=(1, 2), stable=1, canary=2)
    settled = next_rollout(tried, [1, 2], 2, stable=2)
    assert settled == Rollout(loaded=(1, 2), stable=2, canary=2)
    assert next_rollout(settled, [1, 2], 2, stable=1, canary=1) == loaded
    assert next_rollout(settled, [1, 2, 3], 3) == Rollout(loaded=(2, 3), stable=2, canary=2)


@pytest.mark.parametrize("label", ["stable", "canary"])
def test_a_label_moves_to_loaded_versions_alone(label: str) -> None:
    begun = Rollout(loaded=(1,), stable=1, canary=1)
    message = rf"`{label}` must be a version that the server has loaded: \[1\]\. Received: 2"
    with pytest.raises(ScaleNetError, match=message):
        next_rollout(begun, [1, 2], 2, **{label: 2})


def test_labelled_versions_stay_loaded_however_many_follow() -> None:
    old = Rollout(loaded=(1, 2), stable=1, canary=2)
    assert next_rollout(old, [1, 2, 3, 4], 4).loaded == (1, 2, 3, 4)
    assert next_rollout(old, [1, 2, 3, 4, 5], 5).loaded == (1, 2, 4, 5)


def test_a_version_that_is_no_longer_loaded_comes_back() -> None:
    settled = Rollout(loaded=(2, 3), stable=3, canary=3)
    back = next_rollout(settled, [1, 2, 3], 1)
    assert back == Rollout(loaded=(1, 2, 3), stable=3, canary=3)
    assert next_rollout(back, [1, 2, 3], 1, stable=1).stable == 1
