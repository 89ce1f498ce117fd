"""The rows of `benchmarks/search/`."""
