"""Numbers as text for people; a missing number is a dash."""

from __future__ import annotations

from collections.abc import Sequence

MISSING = "–"


def count(number: float | None) -> str:
    """Formats a count: 1234567 gives "1.23 M"."""
    if number is None:
        return MISSING
    for size, unit in ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")):
        if number >= size:
            return f"{number / size:.3g} {unit}" if number < 999.5 * size else f"{number / size:.0f} {unit}"
    return f"{number:g}"


def memory(size: int | None) -> str:
    """Formats a number of bytes: 1234567 gives "1.23 MB"."""
    text = count(size)
    return text if size is None else f"{text}B" if size >= 1e3 else f"{text} B"


def percent(fraction: float | None) -> str:
    """Formats a fraction: 0.9012 gives "90.12 %"."""
    return MISSING if fraction is None else f"{100 * fraction:.2f} %"


def milliseconds(value: float | None) -> str:
    """Formats milliseconds: 3.14159 gives "3.14 ms"."""
    return MISSING if value is None else f"{value:.2f} ms"


def duration(seconds: float | None) -> str:
    """Formats seconds: 3725 gives "1 h 2 min", 75 gives "1 min 15 s", 9.34 gives "9.3 s"."""
    if seconds is None:
        return MISSING
    if seconds < 60:
        return f"{seconds:.1f} s"
    return estimate(seconds)


def estimate(seconds: float) -> str:
    """Formats seconds that are not known exactly: 3725 gives "1 h 2 min", 75.2 "1 min 15 s", 9.34 "9 s"."""
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    return f"{minutes} min {rest} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"


def time_left(seconds: float | None) -> str:
    """Formats an estimate of the seconds left: 75.2 gives "about 1 min 15 s left"."""
    return "time left not known yet" if seconds is None else f"about {estimate(seconds)} left"


def aligned(rows: Sequence[Sequence[str]], names: int) -> str:
    """Formats rows as lines of text in columns, without frames.

    Args:
      rows: Cells of each row, the headings first; all rows have as many.
      names: Number of leading columns that hold names; the others hold numbers, aligned to the right.
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]

    def joined(row: Sequence[str]) -> str:
        pairs = list(zip(row, widths, strict=True))
        left = [text.ljust(width) for text, width in pairs[:names]]
        right = [text.rjust(width) for text, width in pairs[names:]]
        return "  ".join([*left, *right]).rstrip()

    return "\n".join(map(joined, rows))
