"""What the tests of the command line share."""

from __future__ import annotations

import pytest


@pytest.fixture(autouse=True)
def quick_pages(few_draws: None) -> None:
    """Every page that a test writes here has few draws."""
