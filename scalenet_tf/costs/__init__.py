"""Costs of subnets: multiply-adds, parameters, memory and latency, of one subnet or of many bases at once."""
