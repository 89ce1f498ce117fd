"""One search on many machines: a chief that hands out candidates, workers that score them."""
