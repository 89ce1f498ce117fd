"""The parts of supernet_quality.py: what is trained, how it is scored, how variants are compared."""
