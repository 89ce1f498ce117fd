"""A run directory: its files, where they lie, and where its results come from."""

from scalenet_tf.run.run import Run as Run
