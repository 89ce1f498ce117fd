"""Training of the super-supernet."""

from scalenet_tf.training.load import load_supernet
from scalenet_tf.training.loop import train_supernet

__all__ = ["load_supernet", "train_supernet"]
