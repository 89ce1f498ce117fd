"""Ways to search a table of scores, each a function `search(table, parameters, seed, most)`.

Args:
  table: The table of scores.
  parameters: Parameters by name, of the module's `PARAMETERS`; fractions are in percent.
  seed: Seed of the search.
  most: Number of evaluations, that is, of networks that are scored.

Returns:
  A curve: the values that the search would have ended with after 1, 2, … evaluations.
"""
