"""The code of guides on members runs as it is printed, on networks that are not trained."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import keras
import numpy as np
import pytest

import scalenet_tf as sn
from scalenet_tf.config import CONFIG_NAMES, load_config
from scalenet_tf.members.evaluation import TrainedMember
from scalenet_tf.presets import SPACE_NAMES
from scalenet_tf.run import Run
from scalenet_tf.space.blocks import layout
from scalenet_tf.utils.files import write_bytes

GUIDES = Path(sn.__file__).resolve().parents[1] / "docs/guides"


def code_of(guide: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", (GUIDES / guide).read_text("utf-8"), re.M | re.S)


def subnet_of(space: str) -> sn.Subnet:
    return sn.draw_subnet(sn.load_space(space).for_data(3, 5), seed=0, step=0).subnet


def names_of(subnet: sn.Subnet) -> dict[str, Any]:
    """What a reader of the guides has: images of the member's size, and their labels."""
    shape = (4, subnet.resolution, subnet.resolution, subnet.channels)
    images = np.random.default_rng(0).integers(0, 256, shape).astype(np.float32)
    return {"images": images, "labels": np.arange(4), "sn": sn}


@pytest.fixture
def family(finished_run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> sn.TrainedFamily:
    """A family that the guides open as runs/mine."""
    opened = sn.open_family(finished_run)
    monkeypatch.setattr(sn, "open_family", {"runs/mine": opened}.__getitem__, raising=False)
    monkeypatch.chdir(tmp_path)
    return opened


def put(family: sn.TrainedFamily, name: str, subnet: sn.Subnet) -> None:
    """Gives a member a network with initial weights."""
    labels = tuple("abcde")
    family[name].__dict__["_trained"] = TrainedMember(Path(), sn.build_model(subnet), subnet, labels)


@pytest.mark.parametrize("space", ["small", "colour32"])
def test_features(space: str, family: sn.TrainedFamily, capsys: pytest.CaptureFixture[str]) -> None:
    subnet = subnet_of(space)
    put(family, "s2", subnet)
    [code] = code_of("features.md")
    names = names_of(subnet)
    exec(code, names)
    printed = [line.split()[0] for line in capsys.readouterr().out.splitlines()]
    strides = sorted(int(name.removeprefix("stride")) for name in printed)
    assert names["coarsest"] == f"stride{strides[-1]}"
    side = -(-subnet.resolution // strides[-1])
    assert names["detector"](names["images"]).shape == (4, side, side, 14)


def test_features_states_the_maps_of_every_space() -> None:
    text = (GUIDES / "features.md").read_text("utf-8")
    rows = re.findall(r"^\| `(\w+)` \| (stride.*?) \| (.*?) \|$", text, re.M)
    assert [space for space, _, _ in rows] == ["small", "colour32", "medium", "paper"]
    assert {space for space, _, _ in rows} == set(SPACE_NAMES)
    for space, maps, configurations in rows:
        parts = layout(subnet_of(space))
        strides = np.cumprod([parts.stem.stride, *(block.stride for block in parts.blocks)])
        assert maps.split(", ") == [
            f"stride{stride}" for stride in sorted(set(strides.tolist())) if stride >= 4
        ]
        used = [name for name in CONFIG_NAMES if load_config(name).space == space]
        assert sorted(re.findall(r"\w+", configurations)) == sorted(used)


@pytest.mark.usefixtures("eager")
def test_fine_tune_with_keras(family: sn.TrainedFamily, tmp_path: Path) -> None:
    subnet = subnet_of("small")
    put(family, "s2", subnet)
    names = names_of(subnet)
    keras.utils.set_random_seed(0)  # which operations need that an earlier test made deterministic
    exec(code_of("fine-tune.md")[1], names)
    assert names["tuned"].output_shape == (None, 5) and (tmp_path / "tuned.keras").is_file()


def test_int8_takes_pixels_as_they_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("ai_edge_litert")
    pytest.importorskip("tf_keras")
    from scalenet_tf.compress.litert import convert_int8, scaled, without_scaling
    from scalenet_tf.compress.tf_keras_model import build_tf_keras_model

    subnet = subnet_of("small")
    model = sn.build_model(subnet)
    shape = (64, subnet.resolution, subnet.resolution, subnet.channels)
    images = np.random.default_rng(1).integers(0, 256, shape).astype(np.float32)
    network = without_scaling(build_tf_keras_model(subnet, model, composed=True))
    content = convert_int8(network, lambda: ([image[None]] for image in scaled(images)))
    write_bytes(tmp_path / "runs/mine/members/s0/compressed/ptq-int8/model.tflite", content)
    monkeypatch.chdir(tmp_path)
    [code] = code_of("int8.md")
    found = []
    for k in range(8):
        names: dict[str, Any] = {"images": images[k:]}
        exec(code, names)
        found.append(names["logits"][0])
    assert names["image"]["dtype"] == np.uint8 and names["image"]["quantization"][0] < 1
    expected = np.asarray(model(images[:8], training=False))
    assert np.corrcoef(np.ravel(found), expected.ravel())[0, 1] > 0.95
