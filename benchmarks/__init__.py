"""Timings of the product."""
