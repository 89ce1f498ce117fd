from __future__ import annotations

from collections.abc import Iterator

import keras
import pytest

from scalenet_tf.config import Recipe
from scalenet_tf.members.network import build_for_training
from scalenet_tf.models.layer_precision import layers_in
from scalenet_tf.models.plain import build_model
from scalenet_tf.models.supernet import SuperSupernet
from scalenet_tf.sampling import draw_subnet
from tests.helpers.networks import MIXED


@pytest.fixture(autouse=True, params=["mixed_float16", "mixed_bfloat16"])
def policy_of_the_process(request: pytest.FixtureRequest) -> Iterator[None]:
    """The user works in 16 bits, as a notebook or keras.json may say."""
    keras.config.set_dtype_policy(request.param)
    yield
    keras.config.set_dtype_policy("float32")


def policies(model: keras.Model) -> set[str]:
    return {layer.dtype_policy.name for layer in [model, *model.layers]}


def test_networks_compute_in_float32_whatever_the_policy_of_the_process() -> None:
    subnet = draw_subnet(MIXED, 0, 0).subnet
    assert policies(build_model(subnet)) == {"float32"}
    assert policies(build_for_training(subnet, Recipe(dropout=0.1, stochastic_depth=0.1), 0, 0)) == {
        "float32"
    }
    assert policies(SuperSupernet(MIXED)) == {"float32"}


def test_a_recipe_states_its_precision() -> None:
    subnet = draw_subnet(MIXED, 0, 0).subnet
    before = keras.config.dtype_policy().name
    model = build_for_training(subnet, Recipe(precision="mixed_bfloat16"), 0, 0)
    assert model.get_layer("head_conv").dtype_policy.name == "mixed_bfloat16"
    assert SuperSupernet(MIXED, dtype="mixed_bfloat16").compute_dtype == "bfloat16"
    assert keras.config.dtype_policy().name == before


def test_an_optimizer_of_float32_has_no_loss_scale() -> None:
    model = build_model(draw_subnet(MIXED, 0, 0).subnet)
    model.compile("sgd", "mse")
    assert not isinstance(model.optimizer, keras.optimizers.LossScaleOptimizer)


def test_the_policy_of_the_process_comes_back_after_an_error() -> None:
    before = keras.config.dtype_policy().name
    with pytest.raises(RuntimeError), layers_in("float32"):
        raise RuntimeError
    assert keras.config.dtype_policy().name == before
