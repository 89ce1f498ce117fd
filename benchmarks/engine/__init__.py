"""Benchmark of the engine: a training step of the super-supernet, compared with one of the subnet alone."""
