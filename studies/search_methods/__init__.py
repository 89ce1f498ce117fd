"""The parts of search_quality.py: a table of true scores, the ways to search it, how they are compared."""
