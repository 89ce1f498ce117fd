"""The parts of extrapolation.py: what is extrapolated how, and how good it is when trained from scratch."""
