"""Search spaces by name, and the paper's family as architectures and as Keras models.

Importing this package imports no TensorFlow: the `ScaleNetS…` functions import Keras when they are called.
"""

from scalenet_tf.presets.models import ScaleNetS0 as ScaleNetS0
from scalenet_tf.presets.models import ScaleNetS1 as ScaleNetS1
from scalenet_tf.presets.models import ScaleNetS2 as ScaleNetS2
from scalenet_tf.presets.models import ScaleNetS3 as ScaleNetS3
from scalenet_tf.presets.models import ScaleNetS4 as ScaleNetS4
from scalenet_tf.presets.models import ScaleNetS5 as ScaleNetS5
from scalenet_tf.presets.published import BASE as BASE
from scalenet_tf.presets.published import MEMBERS as MEMBERS
from scalenet_tf.presets.published import SCALINGS as SCALINGS
from scalenet_tf.presets.published import published_member as published_member
from scalenet_tf.presets.spaces import SPACE_NAMES as SPACE_NAMES
from scalenet_tf.presets.spaces import load_space as load_space
