"""Ways to search a tabulated space, alike: (truth, parameters, seed, most evaluations) to a curve.

A curve is the value that the way would have ended with after 1, 2, … evaluations.
"""
