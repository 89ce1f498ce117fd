"""Log lines of the command line: `--quiet`, `--verbose`, and results that keep stdout for themselves."""

from __future__ import annotations

import logging

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.log import ROOT, enable_logging, hide_advice

_LEVELS = {"--quiet": logging.WARNING, "--verbose": logging.DEBUG}


def set_up(*, quiet: bool, verbose: bool) -> None:
    """Shows the library's log lines: all but debugging by default, warnings alone, or everything.

    TensorFlow's advice counts as debugging.

    Raises:
      ScaleNetError: If both are asked for.
    """
    if quiet and verbose:
        raise InvalidInputError("--quiet and --verbose exclude each other. Received: both. Give one of them.")
    level = _LEVELS["--quiet"] if quiet else _LEVELS["--verbose"] if verbose else logging.INFO
    enable_logging(level)
    hide_advice(level)


def to_stderr() -> None:
    """Moves all log lines to stderr, for a command whose stdout is JSON."""
    # `python -m pipelines` sets no level.
    enable_logging(logging.getLogger(ROOT).level or logging.WARNING, stderr=True)


def words() -> list[str]:
    """The option that gives the level in use to another `scalenet`; none for the default."""
    level = logging.getLogger(ROOT).level
    return [option for option, number in _LEVELS.items() if number == level]


def hoisted(arguments: list[str]) -> list[str]:
    """Returns the arguments with `--quiet` and `--verbose` in front, where the root command takes them.

    Example:
      >>> hoisted(["train", "--run", "r", "--quiet"])
      ['--quiet', 'train', '--run', 'r']
    """
    end = arguments.index("--") if "--" in arguments else len(arguments)
    found = [word for word in arguments[:end] if word in _LEVELS]
    rest = [word for word in arguments[:end] if word not in _LEVELS]
    return [*found, *rest, *arguments[end:]]
