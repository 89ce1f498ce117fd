"""Latency of a subnet from a table of its blocks: measured once on a device, then added up."""
