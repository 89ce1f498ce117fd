"""How far a slice of the super-supernet is from the plain Keras model of the subnet."""

from __future__ import annotations

import numpy as np
import tensorflow as tf

from scalenet_tf.models.inherited_weights import copy_weights
from scalenet_tf.models.plain import build_model
from scalenet_tf.models.subnet_code import encode_subnet
from scalenet_tf.models.subnet_evaluator import SubnetEvaluator
from scalenet_tf.space import Subnet
from tests.helpers.networks import images


def differences(evaluator: SubnetEvaluator, subnet: Subnet, dtype: str = "float32") -> dict[str, float]:
    """The largest difference of a logit, relative to the largest logit: "eager", and in a "graph"."""
    net = evaluator.supernet
    batches = [tf.constant(images(net.space, subnet.resolution, seed=s, dtype=dtype)) for s in range(2)]
    statistics = evaluator.recalibrate(subnet, batches)
    model = build_model(subnet)
    copy_weights(net, model, statistics)
    expected = model(batches[0]).numpy()
    assert expected.std() > 0.01  # it tells images apart
    logits = {
        "eager": net(batches[0], encode_subnet(net.space, subnet), statistics.values),
        "graph": evaluator.logits(statistics, batches[0]),
    }
    return {way: float(np.abs(own - expected).max() / np.abs(expected).max()) for way, own in logits.items()}
