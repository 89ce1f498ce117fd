"""Parameters of tests that hold for both ways to share weights among ops."""

import pytest

BOTH = pytest.mark.parametrize("sharing", ["slot", "op"])
# The default in every run of the tests; the way of the paper's code, which takes as long, in the long one.
SLOT_FIRST = pytest.mark.parametrize("sharing", ["slot", pytest.param("op", marks=pytest.mark.slow)])
