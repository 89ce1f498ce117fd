"""Training of the super-supernet."""

from scalenet_tf.training.load import load_supernet as load_supernet
from scalenet_tf.training.loop import train_supernet as train_supernet
