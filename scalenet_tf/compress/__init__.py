"""Compression of a trained member: quantisation, pruning, clustering, measured as LiteRT files.

Importing this package imports no TensorFlow: the work runs in a process of its own.
"""

from scalenet_tf.compress.options import METHODS as METHODS
from scalenet_tf.compress.options import CompressOptions as CompressOptions
from scalenet_tf.compress.step import CompressedMember as CompressedMember
from scalenet_tf.compress.step import compress_member as compress_member
