"""A limit of the time of a new run: `--minutes` of the commands, and `minutes` of `search_family`."""

from __future__ import annotations

import logging
import shlex
from collections.abc import Mapping
from typing import Any

from scalenet_tf.config import RunConfig, override_texts
from scalenet_tf.config.length import length_of
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.run.config_file import read_config_file
from scalenet_tf.run.layout import RunFolder
from scalenet_tf.run.work import holds_work
from scalenet_tf.utils.formatting import estimate

logger = logging.getLogger(__name__)


def run_settings_within(folder: RunFolder, config: RunConfig, minutes: float) -> dict[str, Any]:
    """Returns the settings with which a run takes at most about some minutes, and logs them.

    A run that has begun keeps its settings, so that the same command or call resumes it.

    Args:
      folder: Directory of the run.
      config: Configuration that is asked for.
      minutes: Minutes that the run may take.

    Raises:
      ScaleNetError: If the minutes are not above 0, or the run could not be begun.
    """
    check_minutes(minutes)
    # A configuration without work, of a run that was stopped at once, gives way to another one.
    if folder.config_file.is_file() and holds_work(folder.path):
        logger.info("the run has begun, and keeps the length that it was given")
        return length_of(read_config_file(folder, []))
    from scalenet_tf.forecast.survey import surveyed  # loads TensorFlow

    found = surveyed(config, fast=False)
    settings = found.settings_within(minutes)
    logger.info(limit_in_words(settings, minutes, found.with_settings(settings).forecast().seconds))
    return settings


def check_minutes(minutes: float) -> None:
    """Raises InvalidInputError unless a limit of minutes is a number above 0."""
    if not (isinstance(minutes, int | float) and 0 < minutes < float("inf")):
        raise InvalidInputError(f"`minutes` must be a number above 0. Received: {minutes!r}")


def limit_in_words(settings: Mapping[str, Any], minutes: float, seconds: float) -> str:
    """Returns what a limit of time changes, as a sentence.

    Args:
      settings: Settings that make the run shorter; none if it is short enough.
      minutes: The limit.
      seconds: The time that the run then takes.
    """
    limit = f"at most {minutes:g} minutes"
    if not settings:
        return f"{limit}: the run takes about {estimate(seconds)}, and stays as it is"
    words = [word for text in override_texts(settings) for word in ("--set", text.replace(" ", ""))]
    over = "" if seconds <= 60 * minutes else ", the shortest one possible"
    return f"{limit}: a run of about {estimate(seconds)}{over}, the same as with {shlex.join(words)}"
