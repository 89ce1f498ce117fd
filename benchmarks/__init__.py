"""Benchmarks: timings and counts of the product, each started as `python -m benchmarks.NAME`."""
