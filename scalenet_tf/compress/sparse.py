"""Fine-tuning towards kernels that compress well: mostly zeros (pruning), or few values (clustering).

Both change the convolutions of blocks and head and the dense layers, including those of squeeze-excite, which
hold nearly all weights; depthwise kernels, the stem, norms and biases are trained but not constrained.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import tensorflow_model_optimization as tfmot
import tf_keras

from scalenet_tf.compress.finetune import FineTuning

_clustering = tfmot.clustering.keras
_sparsity = tfmot.sparsity.keras
# The share of the steps that set weights to zero; the rest trains the remaining weights.
_PRUNING = 0.7
_FEWEST_CLUSTERS = 2  # that cluster_weights takes


def prune(model: tf_keras.Model, tuning: FineTuning) -> tf_keras.Model:
    """Fine-tunes a copy of `model` while its smallest weights are set to zero step by step."""
    steps = tuning.steps
    end = max(2, round(_PRUNING * steps))
    schedule = _sparsity.PolynomialDecay(
        0.0, tuning.options.sparsity, begin_step=0, end_step=end, frequency=max(1, end // 40)
    )
    wrapped = _wrapped(model, lambda layer: _sparsity.prune_low_magnitude(layer, pruning_schedule=schedule))
    tuning.fit(wrapped, callbacks=[_sparsity.UpdatePruningStep()])
    return _sparsity.strip_pruning(wrapped)


def cluster(model: tf_keras.Model, tuning: FineTuning) -> tf_keras.Model:
    """Fine-tunes a copy of `model` in which each kernel has a few distinct values.

    A kernel that has no more values than there are to be clusters gets a cluster for each of them.
    """

    def wrap(layer: tf_keras.layers.Layer) -> tf_keras.layers.Layer:
        values = len(np.unique(layer.kernel.numpy()))
        if values < _FEWEST_CLUSTERS:
            return layer
        return _clustering.cluster_weights(
            layer,
            number_of_clusters=min(tuning.options.clusters, values),
            cluster_centroids_init=_clustering.CentroidInitialization.KMEANS_PLUS_PLUS,
        )

    wrapped = _wrapped(model, wrap)
    tuning.fit(wrapped)
    return _clustering.strip_clustering(wrapped)


def holds_most_weights(layer: tf_keras.layers.Layer) -> bool:
    """Whether a layer is a dense layer, or a convolution that is neither depthwise nor the stem."""
    if isinstance(layer, tf_keras.layers.Dense):
        return True
    depthwise = isinstance(layer, tf_keras.layers.DepthwiseConv2D)
    return isinstance(layer, tf_keras.layers.Conv2D) and not depthwise and layer.name != "stem_conv"


def _wrapped(
    model: tf_keras.Model, wrap: Callable[[tf_keras.layers.Layer], tf_keras.layers.Layer]
) -> tf_keras.Model:
    return tf_keras.models.clone_model(
        model, clone_function=lambda layer: wrap(layer) if holds_most_weights(layer) else layer
    )
