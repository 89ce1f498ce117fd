"""The super-supernet: one set of weights from which every subnet of every scaling stage is sliced."""

from __future__ import annotations

import hashlib
from typing import Any

import keras
import tensorflow as tf

from scalenet_tf.config import UNSTATED, Sharing
from scalenet_tf.distribute.replicas import ONE, Replicas
from scalenet_tf.layers import DynamicBatchNormalization, DynamicConv2D, DynamicDense
from scalenet_tf.layers.activations import ACTIVATIONS
from scalenet_tf.layers.batch_norm import FUSED_MULTIPLE
from scalenet_tf.layers.dynamic_block import DynamicBlock, dynamic_block
from scalenet_tf.layers.row_slices import Weights, mask_rows, one_row, trailing_slices, values
from scalenet_tf.layers.stage_loop import StageLoops
from scalenet_tf.models.layer_precision import policy_of
from scalenet_tf.models.plain import INPUT_OFFSET, INPUT_SCALE
from scalenet_tf.models.subnet_code import SubnetCode
from scalenet_tf.space import SearchSpace
from scalenet_tf.space.blocks import Block
from scalenet_tf.space.largest import largest_depths, largest_widths
from scalenet_tf.space.rules import STEM_KERNEL
from scalenet_tf.utils.random_streams import RandomStream

# Statistics of every batch norm of a subnet, nested as its weights are: {"mean", "variance"} [n, width].
Statistics = dict[str, Any]


@keras.saving.register_keras_serializable("scalenet_tf")
class SuperSupernet(keras.Model):
    """All subnets of a space in one set of weights.

    The blocks of a stage after its first one are rows of one layer. A step gathers the rows of the blocks in
    use and loops over them, so that one traced graph runs every subnet at the subnet's own cost.

    Args:
      space: Search space, with the data's `channels` and `classes`.
      seed: Seed for weight initialisation.
      sharing: With "op", each op of a block has weights of its own; with "slot", the ops of a block share one
        set of weights.
      dtype: Keras dtype policy, such as "mixed_bfloat16". Default: `keras.config.floatx()`;
        Keras' policy for the whole process is not used.

    Call arguments:
      images: [N, r, r, channels], 0…255.
      code: Subnet to run, from `encode_subnet`.
      statistics: Batch-norm statistics from recalibration. Default: the batch's own.

    Returns:
      Logits [N, classes], float32 or float64.

    Example:
      >>> net = SuperSupernet(space)
      >>> net(images, encode_subnet(space, subnet)).shape
      TensorShape([8, 1000])
    """

    def __init__(self, space: SearchSpace, seed: int = 0, sharing: Sharing = "op", **kwargs: Any):
        super().__init__(**{"dtype": policy_of(), **kwargs})
        self.space = space
        self.init_seed = seed
        self.sharing: Sharing = sharing
        depths, widths = largest_depths(space), largest_widths(space)
        policy = {"dtype": self.dtype_policy}
        multiple_of_4 = space.width_divisor % FUSED_MULTIPLE == 0
        maps = (None, None, None)
        self.stem = DynamicConv2D(
            widths[0], STEM_KERNEL, space.stem_stride, seed=[seed, RandomStream.STEM], name="stem", **policy
        )
        self.stem.build((*maps, space.channels))
        self.stem_bn = DynamicBatchNormalization(
            channels_multiple_of_4=multiple_of_4, name="stem_bn", **policy
        )
        self.stem_bn.build((*maps, widths[0]))
        self._loops = StageLoops()
        self.first: list[DynamicBlock] = []
        self.rest: list[DynamicBlock | None] = []
        for s, stage in enumerate(space.stages):
            common: dict[str, Any] = {
                "ops": stage.ops,
                "filters": widths[s + 1],
                "activation": space.activation,
                "reduction": space.squeeze_reduction,
                "channels_multiple_of_4": multiple_of_4,
                "sharing": sharing,
                **policy,
            }
            block = dynamic_block(stage.ops[0])
            first = block(
                strides=stage.stride,
                seed=[seed, RandomStream.FIRST_BLOCK, s],
                name=f"stage{s}_first",
                **common,
            )
            first.build((*maps, widths[s]))
            rest = None
            if depths[s] > 1:
                rows = (depths[s] - 1) * len(stage.ops)
                name = f"stage{s}_rest"
                rest = block(
                    residual=True, rows=rows, seed=[seed, RandomStream.LATER_BLOCKS, s], name=name, **common
                )
                rest.build((*maps, widths[s + 1]))
            self.first.append(first)
            self.rest.append(rest)
        self.head = DynamicConv2D(space.head_width, seed=[seed, RandomStream.HEAD], name="head", **policy)
        self.head.build((*maps, widths[-1]))
        self.head_bn = DynamicBatchNormalization(name="head_bn", **policy)
        self.head_bn.build((*maps, space.head_width))
        self.classifier = DynamicDense(
            space.classes, seed=[seed, RandomStream.CLASSIFIER], name="classifier", **policy
        )
        self.classifier.build((None, space.head_width))
        self.built = True

    def select(self, code: SubnetCode) -> dict[str, Any]:
        """Selects the weights that a subnet uses, as row slices by layer and weight."""
        first_row = tf.constant([0])
        stem, last = code.widths[0], code.widths[-1]
        selection: dict[str, Any] = {
            "stem": self.stem.select(first_row, self.space.channels, stem),
            "stem_bn": self.stem_bn.select(first_row, stem),
        }
        for s, (first, rest) in enumerate(zip(self.first, self.rest, strict=True)):
            before, width = code.widths[s], code.widths[s + 1]
            selection[f"stage{s}_first"] = first.select(code.ops[s, :1], before, width)
            if rest is not None:
                # Static shapes need a row for every slot; those past the depth are marked as unused.
                slots = rest.slots if code.static else code.depth[s] - 1
                rows = tf.range(slots) * len(rest.ops) + code.ops[s, 1 : 1 + slots]
                part = rest.select(rows, width, width)
                reached = tf.range(slots) < code.depth[s] - 1
                selection[f"stage{s}_rest"] = mask_rows(part, reached) if code.static else part
        selection["head"] = self.head.select(first_row, last, self.space.head_width)
        selection["head_bn"] = self.head_bn.select(first_row, self.space.head_width)
        selection["classifier"] = self.classifier.select(first_row, self.space.head_width, self.space.classes)
        return selection if isinstance(code.trailing, tuple) else trailing_slices(selection, code.trailing)

    def compute(
        self,
        images: tf.Tensor,
        code: SubnetCode,
        weights: Weights,
        collect: bool = False,
        replicas: Replicas = ONE,
    ) -> tuple[tf.Tensor, Statistics]:
        """Runs a subnet with selected values.

        Args:
          images: [N, r, r, channels], 0…255.
          code: Subnet to run.
          weights: `values(select(code))`, merged with statistics to normalise by instead of the batch's.
          collect: Whether to return the statistics that batch norm used.
          replicas: Replicas that share the batch in equal parts. Statistics are those of the global batch.

        Returns:
          Logits [N, classes], and with `collect` the statistics.
        """
        activate = ACTIVATIONS[self.space.activation]
        used: Statistics = {}

        def ends(x: tf.Tensor, conv: DynamicConv2D, norm: DynamicBatchNormalization) -> tf.Tensor:
            x = conv.compute(x, one_row(weights[conv.name]))
            x, (mean, variance) = norm.compute(x, one_row(weights[norm.name]), replicas)
            used[norm.name] = {"mean": mean[None], "variance": variance[None]}
            return activate(x)

        x = tf.cast(images, self.compute_dtype) * INPUT_SCALE + INPUT_OFFSET
        x = ends(x, self.stem, self.stem_bn)
        for s, (first, rest) in enumerate(zip(self.first, self.rest, strict=True)):
            row = one_row(first.padded(weights[first.name]))
            x, own = first.compute(x, row, code.ops[s, 0], replicas, code.static)
            used[first.name] = {
                name: {"mean": mean[None], "variance": variance[None]}
                for name, (mean, variance) in own.items()
            }
            if rest is not None:
                wide = rest.padded(weights[rest.name])
                depth, choices = code.depth[s] - 1, code.ops[s, 1:]
                x, used[rest.name] = self._loops.run(
                    rest, x, wide, depth, choices, collect, replicas, code.static
                )
        x = ends(x, self.head, self.head_bn)
        x = tf.reduce_mean(x, [1, 2])
        # The classifier has the full precision of its weights, as in the plain model.
        x = tf.cast(x, weights["classifier"]["kernel"].dtype)
        logits = self.classifier.compute(x, one_row(weights["classifier"]))
        return logits, _unpadded(used, weights) if collect else {}

    def call(self, images: tf.Tensor, code: SubnetCode, statistics: Statistics | None = None) -> tf.Tensor:
        weights = values(self.select(code))
        return self.compute(images, code, merge(weights, statistics or {}))[0]

    def get_config(self) -> dict[str, Any]:
        return {
            "space": self.space.model_dump(mode="json"),
            "seed": self.init_seed,
            "sharing": self.sharing,
            "name": self.name,
            "dtype": self.dtype_policy.name,
        }

    @classmethod
    def from_config(cls, config: dict[str, Any], custom_objects: Any = None) -> SuperSupernet:
        return cls(**{"sharing": UNSTATED, **config, "space": SearchSpace.model_validate(config["space"])})


def _unpadded(statistics: Statistics, weights: Weights) -> Statistics:
    """Drops the statistics of channels that were added as padding."""
    if "mean" in statistics:
        width = tf.shape(weights["gamma_beta"])[-1]
        return {name: value[:, :width] for name, value in statistics.items()}
    return {name: _unpadded(part, weights[name]) for name, part in statistics.items()}


def merge(weights: Weights, statistics: Statistics) -> Weights:
    """Adds statistics to the weights of their batch norms."""
    merged = dict(weights)
    for name, part in statistics.items():
        merged[name] = merge(weights[name], part) if name in weights else part
    return merged


def place(block: Block) -> tuple[str, int]:
    """Returns where `SuperSupernet.select` puts a block: the name of the layer, and the row of its values."""
    if block.index == 0:
        return f"stage{block.stage}_first", 0
    return f"stage{block.stage}_rest", block.index - 1


def weights_digest(supernet: SuperSupernet) -> str:
    """Digest of all weights, names and types included: 16 hexadecimal digits."""
    digest = hashlib.sha256()
    for weight in supernet.trainable_variables:
        digest.update(f"{weight.path} {weight.dtype} {tuple(weight.shape)}".encode())
        digest.update(weight.numpy().tobytes())
    return digest.hexdigest()[:16]
