"""Keras layers that hold several sets of weights and run any leading channels of one of them."""

from scalenet_tf.layers.conv import DynamicConv2D as DynamicConv2D
from scalenet_tf.layers.dense import DynamicDense as DynamicDense
from scalenet_tf.layers.depthwise import DynamicDepthwiseConv2D as DynamicDepthwiseConv2D
from scalenet_tf.layers.mbconv import DynamicMBConv as DynamicMBConv
from scalenet_tf.layers.norm import DynamicBatchNormalization as DynamicBatchNormalization
from scalenet_tf.layers.squeeze_excite import DynamicSqueezeExcite as DynamicSqueezeExcite
