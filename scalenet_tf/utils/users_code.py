"""Calls of code that a user wrote, whose exceptions become one readable error."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

from scalenet_tf.errors import ScaleNetError

logger = logging.getLogger(__name__)


@contextmanager
def failure_named(what: str, advice: str) -> Iterator[None]:
    """Raises an error that names what failed for an exception inside the block.

    Args:
      what: Name of the code and of the call, which the error begins with.
      advice: Sentences that the error ends with.

    Raises:
      ScaleNetError: In place of any exception; one of its own kind passes as it is.
    """
    try:
        yield
    except ScaleNetError:
        raise
    except Exception as error:
        logger.debug("code of the user failed", exc_info=error)
        raise ScaleNetError(f"{what}: {type(error).__name__}: {error}. {advice}") from error
