"""Trains s0 of a run on two logical devices of this machine, by whatever recipe the run names."""

from __future__ import annotations

import sys

import tensorflow as tf

from scalenet_tf.members import train_member
from scalenet_tf.run import Run

if __name__ == "__main__":
    [cpu] = tf.config.list_physical_devices("CPU")
    tf.config.set_logical_device_configuration(cpu, [tf.config.LogicalDeviceConfiguration()] * 2)
    train_member(Run.open(sys.argv[1]), 0)
