"""Faults on purpose: damaged files, refusing systems and more, tried on the commands, with a table.

`python -m tests.faults` tries everything; `test_small.py` tries a part of it in the suite. A further class of
faults is a function of a `Workshop` that yields attempts, with an entry in `classes.py`.
"""
