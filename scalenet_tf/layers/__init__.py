"""Keras layers that hold several sets of weights and run any leading channels of one of them."""

from scalenet_tf.layers.chain import DynamicChain
from scalenet_tf.layers.conv import DynamicConv2D
from scalenet_tf.layers.conv_sizes import DynamicConv2DOfSizes
from scalenet_tf.layers.dense import DynamicDense
from scalenet_tf.layers.depthwise import DynamicDepthwiseConv2D
from scalenet_tf.layers.dynamic_block import DynamicBlock
from scalenet_tf.layers.mbconv import DynamicMBConv
from scalenet_tf.layers.norm import DynamicBatchNormalization
from scalenet_tf.layers.squeeze_excite import DynamicSqueezeExcite

__all__ = [
    "DynamicBatchNormalization",
    "DynamicBlock",
    "DynamicChain",
    "DynamicConv2D",
    "DynamicConv2DOfSizes",
    "DynamicDense",
    "DynamicDepthwiseConv2D",
    "DynamicMBConv",
    "DynamicSqueezeExcite",
]
