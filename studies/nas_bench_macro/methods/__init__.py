"""Ways to search the table, each a function `search(problem, parameters, seed, most)`.

Args:
  problem: The table as a search problem.
  parameters: Parameters by name, of the module's `PARAMETERS`.
  seed: Seed of the search.
  most: Number of evaluations.

Returns:
  The numbers of the networks in the order of their first evaluation, at most `most`. Asking for a network
  again costs nothing.
"""
