"""What subnets cost: multiply-adds, parameters, memory, latency; for one subnet or for many bases at once."""
