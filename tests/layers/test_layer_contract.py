"""Every dynamic layer keeps the Keras layer contract."""

import keras
import numpy as np
import pytest

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.layers import (
    DynamicBatchNormalization,
    DynamicBlock,
    DynamicChain,
    DynamicConv2D,
    DynamicConv2DOfSizes,
    DynamicDense,
    DynamicDepthwiseConv2D,
    DynamicMBConv,
    DynamicSqueezeExcite,
)

MAPS = (2, 7, 6, 8)
CASES = [
    (
        DynamicConv2D,
        {"filters": 5, "kernel_size": 3, "strides": 2, "rows": 3},
        MAPS,
        1,
        {"row": 2, "width": 4},
    ),
    (DynamicDepthwiseConv2D, {"kernel_sizes": [3, 5], "strides": 2, "rows": 4}, MAPS, 1, {"row": 3}),
    (
        DynamicDepthwiseConv2D,
        {"kernel_sizes": [3, 5], "strides": 2, "rows": 2, "sharing": "slot"},
        MAPS,
        1,
        {"row": 1, "choice": 1},
    ),
    (DynamicBatchNormalization, {"rows": 2, "epsilon": 1e-3}, MAPS, 1, {"row": 1}),
    (DynamicDense, {"units": 6, "rows": 2, "kind": "conv"}, (3, 8), 2, {"row": 1, "width": 5}),
    (DynamicSqueezeExcite, {"reduction": 2, "rows": 2}, MAPS, 4, {"row": 1}),
    (
        DynamicConv2DOfSizes,
        {"filters": 5, "kernel_sizes": [3, 5], "strides": 2, "rows": 2, "sharing": "slot"},
        MAPS,
        1,
        {"row": 1, "choice": 1, "width": 4},
    ),
    (
        DynamicChain,
        {"ops": ["fused_mbconv:k3e2s", "fused_mbconv:k5e3"], "filters": 6, "strides": 2, "rows": 4},
        MAPS,
        8,
        {"row": 2, "width": 5},
    ),
    (
        DynamicChain,
        {"ops": ["residual:k3", "residual:k5"], "filters": 6, "rows": 4, "sharing": "slot"},
        MAPS,
        4,
        {"row": 3, "width": 5},
    ),
    (
        DynamicMBConv,
        {"ops": ["k3e2s", "k5e3"], "filters": 6, "strides": 2, "activation": "relu", "rows": 4},
        MAPS,
        10,
        {"row": 3, "width": 5},
    ),
    (
        DynamicMBConv,
        {"ops": ["k3e2s", "k5e3"], "filters": 6, "activation": "relu", "rows": 4, "sharing": "slot"},
        MAPS,
        10,
        {"row": 2, "width": 5},
    ),
]


@pytest.mark.parametrize(("layer_class", "arguments", "shape", "count", "call"), CASES)
def test_layer_contract(layer_class, arguments, shape, count, call):
    layer = layer_class(**arguments, seed=[1, 2], name="layer")
    inputs = np.random.default_rng(0).normal(size=shape).astype("float32")
    output = layer(inputs, **call)
    assert len(layer.trainable_weights) == count
    assert not layer.non_trainable_weights
    shared = issubclass(layer_class, DynamicBlock) and arguments.get("sharing") == "slot"
    assert all(weight.shape[0] == (layer.slots if shared else layer.rows) for weight in layer.weights)
    assert tuple(output.shape) == layer.compute_output_shape(shape, **call)
    # Leading channels of the input are enough.
    narrow = layer(inputs[..., :4], **call)
    assert tuple(narrow.shape) == layer.compute_output_shape((*shape[:-1], 4), **call)
    config = layer.get_config()
    assert config.items() >= {**arguments, "seed": [1, 2]}.items()
    twin = keras.saving.deserialize_keras_object(keras.saving.serialize_keras_object(layer))
    np.testing.assert_array_equal(twin(inputs, **call), output)  # the same seed, the same weights


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")  # of Keras' saving
@pytest.mark.parametrize(("layer_class", "arguments", "shape", "count", "call"), CASES)
def test_a_functional_model_is_saved_and_loaded(layer_class, arguments, shape, count, call, tmp_path):
    inputs = keras.Input(shape[1:])
    symbolic = layer_class(**arguments, seed=[1, 2], name="layer")(inputs, **call)
    model = keras.Model(inputs, symbolic)
    values = np.random.default_rng(0).normal(size=shape).astype("float32")
    output = model(values)
    assert tuple(output.shape[1:]) == symbolic.shape[1:]
    for weight in model.weights:
        weight.assign(weight + 0.1)
    changed = model(values)
    assert np.abs(changed - output).max() > 1e-3
    model.save(tmp_path / "model.keras")
    np.testing.assert_array_equal(keras.saving.load_model(tmp_path / "model.keras")(values), changed)
    model.save_weights(tmp_path / "layer.weights.h5")
    twin = keras.models.clone_model(model)
    twin.load_weights(tmp_path / "layer.weights.h5")
    np.testing.assert_array_equal(twin(values), changed)


@pytest.mark.parametrize("policy", ["mixed_float16", "mixed_bfloat16"])
@pytest.mark.parametrize(("layer_class", "arguments", "shape", "count", "call"), CASES)
def test_mixed_precision_computes_in_half_with_whole_weights(
    policy, layer_class, arguments, shape, count, call
):
    inputs = np.random.default_rng(0).normal(size=shape).astype("float32")
    exact = layer_class(**arguments, seed=[1, 2])(inputs, **call)
    layer = layer_class(**arguments, seed=[1, 2], dtype=policy)
    output = layer(inputs, **call)
    assert output.dtype == policy.removeprefix("mixed_")
    assert {weight.dtype for weight in layer.weights} == {"float32"}
    np.testing.assert_allclose(keras.ops.cast(output, "float32"), exact, atol=0.15)
    inputs = keras.Input(shape[1:])
    assert layer(inputs, **call).dtype == output.dtype


def test_unseeded_layers_follow_keras_own_seed():
    def kernel():
        keras.utils.set_random_seed(3)
        layer = DynamicConv2D(4)
        layer.build((None, 4, 4, 2))
        return layer.kernel.numpy()

    np.testing.assert_array_equal(kernel(), kernel())


def test_rows_of_depthwise_kernels_fill_only_their_centre():
    layer = DynamicDepthwiseConv2D([3, 7, 5], rows=6)
    layer.build((None, 9, 9, 4))
    kernel = layer.kernel.numpy()
    for row, size in enumerate([3, 7, 5] * 2):
        edge = (7 - size) // 2
        inside = kernel[row, edge : 7 - edge, edge : 7 - edge]
        assert (inside != 0).all()
        assert np.count_nonzero(kernel[row]) == inside.size


@pytest.mark.parametrize("strides", [1, 2])
@pytest.mark.parametrize("size", [6, 7])
def test_convolution_pads_alike_on_both_sides(strides, size):
    layer = DynamicConv2D(3, 5, strides)
    inputs = np.random.default_rng(0).normal(size=(1, size, size, 2)).astype("float32")
    output = layer(inputs)
    padded = np.pad(inputs, [(0, 0), (2, 2), (2, 2), (0, 0)])
    expected = keras.ops.conv(padded, layer.kernel[0], strides, "valid")
    np.testing.assert_allclose(output, expected, rtol=1e-5, atol=1e-5)


def test_batch_norm_reports_the_statistics_it_used():
    layer = DynamicBatchNormalization()
    inputs = np.random.default_rng(0).normal(2, 3, size=(4, 3, 3, 5)).astype("float32")
    layer.build(inputs.shape)
    weights = {"gamma_beta": layer.gamma_beta[0]}
    output, (mean, variance) = layer.compute(keras.ops.convert_to_tensor(inputs), weights)
    np.testing.assert_allclose(mean, inputs.mean((0, 1, 2)), rtol=1e-5)
    np.testing.assert_allclose(variance, inputs.var((0, 1, 2)), rtol=1e-4)
    again = layer(inputs, statistics=(mean, variance))
    np.testing.assert_allclose(again, output, atol=1e-5)
    other = layer(inputs, statistics=(mean + 1, variance))
    np.testing.assert_allclose(other, output - 1 / np.sqrt(variance + layer.epsilon), atol=1e-4)


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: DynamicConv2D(4, 2), r"`kernel_size` must be odd\. Received: 2"),
        (lambda: DynamicConv2D(4, rows=0), r"`rows` must be at least 1\. Received: 0"),
        (lambda: DynamicDepthwiseConv2D([3, 4]), r"`kernel_sizes` must be odd numbers\. Received: \[3, 4\]"),
        (
            lambda: DynamicMBConv(["k3e2", "k5e2"], 4, rows=3),
            r"`rows` must be a multiple of the number of ops, 2\. Received: 3",
        ),
        (
            lambda: DynamicMBConv(["k3e2"], 4, activation="tanh"),
            r"`activation` must be one of \['hard_silu', 'silu', 'relu6', 'relu'\]\. Received: 'tanh'",
        ),
    ],
)
def test_wrong_arguments_are_named(make, message):
    with pytest.raises(ScaleNetError, match=message):
        make()
