"""Search spaces by name, and the paper's family as architectures and as Keras models.

Importing this package imports no TensorFlow: the `ScaleNetS…` functions import Keras when they are called.
"""

from scalenet_tf.presets.models import ScaleNetS0, ScaleNetS1, ScaleNetS2, ScaleNetS3, ScaleNetS4, ScaleNetS5
from scalenet_tf.presets.published import BASE, MEMBERS, SCALINGS, published_member
from scalenet_tf.presets.spaces import SPACE_NAMES, load_space

__all__ = [
    "BASE",
    "MEMBERS",
    "SCALINGS",
    "SPACE_NAMES",
    "ScaleNetS0",
    "ScaleNetS1",
    "ScaleNetS2",
    "ScaleNetS3",
    "ScaleNetS4",
    "ScaleNetS5",
    "load_space",
    "published_member",
]
