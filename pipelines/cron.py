"""Checks of cron expressions."""

from __future__ import annotations

import re

from scalenet_tf.errors import InvalidInputError

_FIELDS = (("minute", 0, 59), ("hour", 0, 23), ("day", 1, 31), ("month", 1, 12), ("weekday", 0, 6))
_PART = re.compile(r"(\*|(?P<low>\d{1,2})(-(?P<high>\d{1,2}))?)(/(?P<step>[1-9]\d?))?")


def check_cron(cron: str) -> str:
    """Returns a cron expression with single spaces between its fields.

    Args:
      cron: Minute, hour, day, month and weekday, 0 for Sunday: Kubeflow does not take 7.

    Raises:
      ScaleNetError: If a field is wrong; the text names it.

    Example:
      >>> check_cron("0  3 * * 1")
      '0 3 * * 1'
    """
    fields = cron.split()
    if len(fields) != len(_FIELDS):
        raise InvalidInputError(
            "`cron` must have five fields: minute, hour, day, month, weekday, such as '0 3 * * 1', Mondays "
            f"at three. Received: {cron!r}"
        )
    for text, (name, least, most) in zip(fields, _FIELDS, strict=True):
        for part in text.split(","):
            found = _PART.fullmatch(part)
            bounds = [int(found[bound]) for bound in ("low", "high") if found[bound]] if found else [-1]
            if bounds != sorted(bounds) or not all(least <= bound <= most for bound in bounds):
                raise InvalidInputError(
                    f"`cron`: the field {name} takes numbers from {least} to {most}, ranges, lists, steps. "
                    f"Received: {text!r}"
                )
    return " ".join(fields)
