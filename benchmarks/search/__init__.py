"""Benchmark of the search: everything that it costs besides scoring."""
