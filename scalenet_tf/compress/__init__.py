"""Compression of a trained member: quantisation, pruning, clustering, measured as LiteRT files.

Importing this package imports no TensorFlow: the work runs in a process of its own.
"""

from scalenet_tf.compress.options import METHODS, CompressOptions
from scalenet_tf.compress.step import CompressedMember, compress_member

__all__ = ["METHODS", "CompressOptions", "CompressedMember", "compress_member"]
