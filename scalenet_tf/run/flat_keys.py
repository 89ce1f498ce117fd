"""The dotted keys of a configuration, and those in which two of them differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from scalenet_tf.utils.value import Value


def flat(values: Mapping[str, object], path: str = "") -> Iterator[tuple[str, object]]:
    """Yields each dotted key of nested mappings, below `path`, with its value."""
    for name, value in values.items():
        if isinstance(value, Mapping):
            yield from flat(value, f"{path}{name}.")
        else:
            yield f"{path}{name}", value


def different_keys(own: Value, given: Value) -> list[str]:
    """Returns the dotted keys that have other values in `given` than in `own`."""
    theirs = dict(flat(given.model_dump()))
    return [key for key, value in flat(own.model_dump()) if theirs.get(key) != value]
