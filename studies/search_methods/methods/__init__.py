"""Ways to search a table of scores, each a function `search(table, parameters, seed, most)`.

It returns a curve: the values that the search would have ended with after 1, 2, … evaluations.
"""
