"""The rows of `benchmarks/search_overhead.py`."""
