"""Keras layers that hold several sets of weights and run any leading channels of one of them."""

from scalenet_tf.layers.conv import DynamicConv2D
from scalenet_tf.layers.dense import DynamicDense
from scalenet_tf.layers.depthwise import DynamicDepthwiseConv2D
from scalenet_tf.layers.mbconv import DynamicMBConv
from scalenet_tf.layers.norm import DynamicBatchNormalization
from scalenet_tf.layers.squeeze_excite import DynamicSqueezeExcite

__all__ = [
    "DynamicBatchNormalization",
    "DynamicConv2D",
    "DynamicDense",
    "DynamicDepthwiseConv2D",
    "DynamicMBConv",
    "DynamicSqueezeExcite",
]
