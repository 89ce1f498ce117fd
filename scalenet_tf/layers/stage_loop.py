"""The loop over the blocks after a stage's first one: a single traced body for any depth and ops."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import tensorflow as tf

from scalenet_tf.distribute.replicas import ONE, Replicas
from scalenet_tf.layers.dynamic_block import DynamicBlock
from scalenet_tf.layers.row_slices import Weights
from scalenet_tf.layers.slicing import Width

# {name of a batch norm: {"mean": [depth, width], "variance": [depth, width]}}
Moments = dict[str, dict[str, tf.Tensor]]


class StageLoops:
    """Runs the loops of a network's stages.

    Stages whose blocks are of one kind share a traced function. TensorFlow traces, differentiates and
    prepares a function once, however often it is called, which halves the time to the first step.
    """

    def __init__(self) -> None:
        self._functions: dict[Any, Callable[..., tuple[tf.Tensor, Moments]]] = {}

    def run(
        self,
        block: DynamicBlock,
        inputs: tf.Tensor,
        weights: Weights,
        depth: Width,
        choices: tf.Tensor,
        collect: bool = False,
        replicas: Replicas = ONE,
        static: bool = False,
    ) -> tuple[tf.Tensor, Moments]:
        """Runs blocks one after the other.

        Args:
          block: The block to run.
          inputs: [N, H, W, width].
          weights: Stacked values, one row per block; with `static`, one row per slot of the layer.
          depth: int32 [], number of blocks.
          choices: int32 [at least depth], the op of each block.
          collect: Whether to return the statistics that batch norm used.
          replicas: Replicas that share the batch in equal parts.
          static: Whether all shapes have to be known at tracing time.

        Returns:
          The output, and with `collect` the statistics.
        """
        if static or replicas.count > 1 or not tf.inside_function():
            return _loop(block, collect, replicas, static, inputs, weights, depth, choices)
        key = (type(block), block.kind, collect)
        if key not in self._functions:
            self._functions[key] = tf.function(
                partial(_loop, block, collect, replicas, static),
                autograph=False,
                reduce_retracing=True,
                # Inlined, each call would be optimised and prepared on its own.
                experimental_attributes={"_noinline": True},
            )
        return self._functions[key](inputs, weights, depth, choices)


def _loop(
    block: DynamicBlock,
    collect: bool,
    replicas: Replicas,
    static: bool,
    x: tf.Tensor,
    weights: Weights,
    depth: Width,
    choices: tf.Tensor,
) -> tuple[tf.Tensor, Moments]:
    slots = block.slots if static else depth
    arrays = tf.nest.map_structure(
        lambda value: tf.TensorArray(value.dtype, slots, element_shape=value.shape[1:]).unstack(value),
        weights,
    )
    names = [name for name in weights if name.endswith("_bn")] if collect else []
    collected = {name: [tf.zeros_like(weights[name]["gamma_beta"][:, 0])] * 2 for name in names}

    def body(i: tf.Tensor, x: tf.Tensor, collected: Any) -> Any:
        row = tf.nest.map_structure(lambda array: array.read(i), arrays)
        x, own = block.compute(x, row, tf.gather(choices, i), replicas, static)
        collected = {
            name: [_put(all_, i, value) for all_, value in zip(collected[name], own[name], strict=True)]
            for name in names
        }
        return i + 1, x, collected

    shapes = {name: [tf.TensorShape([None, None])] * 2 for name in names}
    _, x, collected = tf.while_loop(
        lambda i, *_: i < depth,
        body,
        [tf.constant(0), x, collected],
        shape_invariants=[tf.TensorShape([]), x.shape, shapes],
        maximum_iterations=slots if static else None,
    )
    return x, {name: {"mean": mean, "variance": variance} for name, (mean, variance) in collected.items()}


def _put(rows: tf.Tensor, index: tf.Tensor, value: tf.Tensor) -> tf.Tensor:
    # Blocks of several expansions have statistics of several lengths; shorter ones are padded with zeros.
    padded = tf.pad(value, [[0, tf.shape(rows)[1] - tf.shape(value)[0]]])
    return tf.tensor_scatter_nd_update(rows, [[index]], padded[None])
