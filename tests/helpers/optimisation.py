"""Code by which a process that a test starts leaves TensorFlow's graphs as they are traced."""

from __future__ import annotations

# Trainings that a test compares all begin with it: rewriting their graphs takes most of their time.
UNOPTIMISED = (
    "from scalenet_tf.utils.allocator import set_allocator; set_allocator(); "
    "from tests.helpers.unoptimised import optimise_graphs; optimise_graphs(False); "
)
