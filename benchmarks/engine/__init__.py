"""The rows of `benchmarks/engine/`."""
