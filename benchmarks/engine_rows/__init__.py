"""The rows of `benchmarks/engine.py`."""
