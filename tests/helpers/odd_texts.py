"""Odd texts in the place of values, and the keys that take values."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import BaseModel

ODD = (
    "", " ", "0", "-1", "1", "2", "0.5", "1e-320", "1e-29", "1e29", "1e400", ".inf", "-.inf", ".nan",
    "true", "null", "2000000000", "9223372036854775807", "9223372036854775808", "9" * 5000, "12:30:45",
    "010", "yes", "x", "x" * 5000, "[]", "{}", "[[]]", "[1]", "[1, 2]", "[1, 1, 1, 1]", "[0, 0, 0, 0]",
    "{a: 1}", "[{}]", "[null]", "[.inf]", "['']", "{quantity: macs}", "[{quantity: macs, most: 3}]",
    "[{quantity: parameters, stage: 2, least: 1e29}]", "'", "\"\\0\"", "[", "{", "!!int x", "&a [*a]",
    "*a", "\0", "\udc80", "é", "folder:", "folder:a #b", "tfds:", "tfds:[", "/", "/dev/null",
    "/etc/passwd", "~", "~nobody/x", "s1", "s99999999999999999999", "largest", "published", "bundled",
    "custom", "widths", "-", "--", "%", "[" * 100, "http://", "file:///etc/passwd", "memory://none",
    "zip::file:///etc/passwd", "x.keras",
)  # fmt: skip


def dotted(model: type[BaseModel], path: str = "") -> Iterator[str]:
    """Every key of a model, sections included."""
    for name, field in model.model_fields.items():
        yield f"{path}{name}"
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from dotted(field.annotation, f"{path}{name}.")
