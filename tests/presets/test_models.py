"""The published family as Keras models: what they compute, take, refuse and keep on disk."""

from __future__ import annotations

from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf

from benchmarks.count_models import count
from scalenet_tf import presets
from scalenet_tf.costs.macs import cost
from scalenet_tf.errors import ScaleNetError
from scalenet_tf.models.plain import build_model
from scalenet_tf.models.weights import save_weights
from scalenet_tf.presets import ScaleNetS0, published_member
from scalenet_tf.presets.weights_file import fill_weights

SHAPE = (32, 48, 1)
# Keras, as it writes HDF5.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def images(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, shape).astype(np.float32)


@pytest.fixture(scope="module")
def s0() -> keras.Model:
    """S0 for small grey images, with batch-norm statistics that are not those of a fresh layer."""
    keras.utils.set_random_seed(1)
    model = ScaleNetS0(classes=5, input_shape=SHAPE)
    rng = np.random.default_rng(2)
    for variable in model.non_trainable_variables:
        variable.assign(rng.uniform(0.5, 1.5, variable.shape))
    return model


def check_member(name: str) -> None:
    model = getattr(presets, f"ScaleNet{name.upper()}")()
    subnet = published_member(name)
    assert count(model) == cost(subnet)
    plain = build_model(subnet)
    assert model.input_shape == plain.input_shape == (None, subnet.resolution, subnet.resolution, 3)
    assert [weight.path for weight in model.weights] == [weight.path for weight in plain.weights]
    assert [weight.shape for weight in model.weights] == [weight.shape for weight in plain.weights]
    assert model.name == f"scalenet_{name}"
    plain.set_weights(model.get_weights())
    batch = images(1, *model.input_shape[1:])
    answers = model(batch).numpy()
    np.testing.assert_array_equal(answers, plain(batch))
    assert np.ptp(answers) > 0


@pytest.mark.parametrize("name", ["s0", pytest.param("s1", marks=pytest.mark.slow)])
def test_small_members_are_built_as_they_are_counted(name: str) -> None:
    check_member(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["s2", "s3", "s4", "s5"])
def test_large_members_are_built_as_they_are_counted(name: str) -> None:
    check_member(name)


def save(model: keras.Model, file: Path) -> Path:
    if file.suffix == ".npz":
        return save_weights(file, model)
    model.save_weights(file)
    return file


@pytest.mark.parametrize("suffix", [".npz", ".weights.h5"])
def test_without_the_classifier_it_gives_the_last_map_or_its_vector(
    s0: keras.Model, tmp_path: Path, suffix: str
) -> None:
    weights = save(s0, tmp_path / f"own{suffix}")
    pooling = "avg" if suffix == ".npz" else "max"
    body = ScaleNetS0(weights=weights, include_top=False, input_shape=SHAPE, pooling=pooling)
    batch = images(2, *SHAPE)
    last = keras.Model(body.input, body.get_layer("head_act").output)(batch)
    assert last.shape == (2, 1, 2, 1280)
    reduce = tf.reduce_mean if pooling == "avg" else tf.reduce_max
    np.testing.assert_allclose(body(batch), reduce(last, [1, 2]), rtol=1e-6, atol=1e-7)
    own = keras.Model(s0.input, s0.get_layer("head_act").output)
    np.testing.assert_array_equal(last, own(batch))


def test_without_classifier_and_pooling_it_gives_the_last_map() -> None:
    body = ScaleNetS0(include_top=False, input_shape=(64, None, 3))
    assert body.output.shape == (None, 2, None, 1280)
    assert body.layers[-1].name == "head_act"


def test_sides_that_are_open_take_images_of_every_size(s0: keras.Model) -> None:
    model = ScaleNetS0(classes=5, input_shape=(None, None, 1))
    model.set_weights(s0.get_weights())
    batch = images(2, *SHAPE)
    np.testing.assert_allclose(model(batch), s0(batch), rtol=1e-5, atol=1e-6)
    assert model(images(1, 57, 33, 1)).shape == (1, 5)


@pytest.mark.parametrize("suffix", [".npz", ".weights.h5", ".keras"])
def test_saved_and_loaded_it_answers_alike(s0: keras.Model, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"own{suffix}"
    if suffix == ".keras":
        s0.save(file)
        again = keras.models.load_model(file)
    else:
        again = ScaleNetS0(weights=str(save(s0, file)), classes=5, input_shape=SHAPE)
    batch = images(2, *SHAPE)
    np.testing.assert_array_equal(again(batch), s0(batch))


@pytest.mark.parametrize("suffix", [".npz", ".weights.h5"])
def test_weights_of_another_network_are_refused(s0: keras.Model, tmp_path: Path, suffix: str) -> None:
    file = save(s0, tmp_path / f"own{suffix}")
    with pytest.raises(
        ScaleNetError, match=r"`weights`: .* does not fit 'scalenet_s0': scaling, .*Reason: \S"
    ) as other:
        ScaleNetS0(weights=file, classes=6, input_shape=SHAPE)
    file.write_bytes(b"no weights")
    with pytest.raises(ScaleNetError, match=r"does not fit 'scalenet_s0': .*Reason: \S") as damaged:
        fill_weights(s0, file)
    if suffix == ".npz":
        for error in (other, damaged):
            assert str(error.value).endswith("Give the file of this network.")
            assert "away" not in str(error.value)


@pytest.mark.parametrize("weights", ["imagenet", "absent.weights.h5", "absent.npz", __file__, 3])
def test_what_is_no_file_of_weights_is_refused(weights: object) -> None:
    with pytest.raises(ScaleNetError, match=r"`weights` must be None .*No ImageNet weights are shipped"):
        ScaleNetS0(weights=weights)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"classes": 1}, r"`classes` must be an integer of at least 2\. Received: 1"),
        ({"classes": 2.0}, r"`classes` must be an integer of at least 2\. Received: 2\.0"),
        ({"pooling": "mean"}, r"`pooling` must be None, 'avg' or 'max'\. Received: 'mean'"),
        ({"input_shape": (31, 64, 3)}, r"`input_shape` must be .* sides of at least 32 px .*\(31, 64, 3\)"),
        ({"input_shape": (64, 64, 0)}, r"at least 1 channel\. Received: \(64, 64, 0\)"),
        ({"input_shape": (64, 64, None)}, r"at least 1 channel\. Received: \(64, 64, None\)"),
        ({"input_shape": (64, 64)}, r"`input_shape` must be \(height, width, channels\)"),
    ],
)
def test_arguments_out_of_their_range_are_named(arguments: dict, message: str) -> None:
    with pytest.raises(ScaleNetError, match=message):
        ScaleNetS0(**arguments)
