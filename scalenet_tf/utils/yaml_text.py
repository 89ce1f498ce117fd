"""YAML that users give: the scalars of YAML 1.2, no key twice, and bounded in size, depth and digits."""

from __future__ import annotations

import math
import re
from collections.abc import Hashable, Iterator
from typing import Any, ClassVar

import yaml

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.shown import shown

try:
    from yaml import CSafeLoader as _Parser
except ImportError:  # PyYAML was built without libyaml
    from yaml import SafeLoader as _Parser  # type: ignore[assignment]

MOST_CHARACTERS = 4 * 2**20
_MOST_VALUES, _MOST_LEVELS, _MOST_DIGITS = 200_000, 40, 64
_NULL, _BOOL, _INT, _FLOAT, _TEXT, _LIST, _MAP = (
    f"tag:yaml.org,2002:{kind}" for kind in ("null", "bool", "int", "float", "str", "seq", "map")
)
# The core schema of YAML 1.2.2, section 10.3.2. In YAML 1.1, which PyYAML reads, 12:30:45 is 45045, 010 is 8,
# no is false, and 1e-3 is text.
_SCALARS = {
    _NULL: (re.compile(r"(~|null|Null|NULL)?\Z"), ["~", "n", "N", ""]),
    _BOOL: (re.compile(r"(true|True|TRUE|false|False|FALSE)\Z"), list("tTfF")),
    _INT: (re.compile(r"([-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+)\Z"), list("-+0123456789")),
    _FLOAT: (
        re.compile(
            r"([-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN))\Z"
        ),
        list("-+0123456789."),
    ),
}


def read_yaml(text: str, subject: str) -> Any:
    """Reads a YAML document that a user gave.

    Args:
      text: The text.
      subject: Name of the text, which errors begin with, such as "`config` 'mine.yaml'".

    Returns:
      Lists, dictionaries, texts, numbers, booleans and None.

    Raises:
      ScaleNetError: If the text is not one YAML document, has a key twice, or is too large.

    Example:
      >>> read_yaml("{seed: 3, rate: 1e-3, time: 12:30:45}", "`config`")
      {'seed': 3, 'rate': 0.001, 'time': '12:30:45'}
    """
    documents = read_documents(text, subject)
    if len(documents) > 1:
        raise InvalidInputError(
            f"{subject} is not YAML of one document. Received: {len(documents)} documents"
        )
    return documents[0] if documents else None


def read_documents(text: str, subject: str) -> list[Any]:
    """Reads the YAML documents of a text, otherwise as `read_yaml` does."""
    if len(text) > MOST_CHARACTERS:
        raise InvalidInputError(
            f"{subject} is too large: at most {MOST_CHARACTERS:,} characters. Received: {len(text):,}"
        )
    try:
        _check_size(text)
        return list(yaml.load_all(text, Loader=_StrictLoader))
    except yaml.YAMLError as error:
        raise InvalidInputError(f"{subject} is not YAML: {_problem(error)}") from error
    except UnicodeEncodeError as error:
        raise InvalidInputError(f"{subject} is not YAML: it has bytes that are not UTF-8") from error


def read_scalar(text: str) -> Any:
    """Returns the value of an unquoted YAML scalar: a number, a boolean, None, or the text as it is.

    Raises:
      ValueError: If it is a number of too many digits.
    """
    for tag in _SCALARS:
        if _SCALARS[tag][0].match(text):
            return _value(tag, text)
    return text


def write_yaml(values: Any) -> str:
    """Returns a YAML document with a line at its start and its end, `---` and `...`, which show a cut file.

    YAML 1.1 and 1.2 read it alike.
    """
    text: str = yaml.dump(values, Dumper=_Dumper, sort_keys=False, explicit_start=True, explicit_end=True)
    return text


def one_line(values: Any) -> str:
    """Returns a YAML document of one line."""
    text: str = yaml.dump(values, Dumper=_Dumper, sort_keys=False, default_flow_style=True, width=math.inf)
    return text.strip()


def _check_size(text: str) -> None:
    """Raises YAMLError if a document has too many levels or values, those that aliases repeat included."""
    repeated: dict[str, int] = {}
    begun: list[tuple[str | None, int]] = []
    values = 0
    for event in _events(text):
        if isinstance(event, yaml.AliasEvent):
            if event.anchor not in repeated:
                raise _error(f"the alias *{event.anchor} stands for nothing before it", event)
            values += repeated[event.anchor]
        elif isinstance(event, yaml.ScalarEvent):
            values += 1
            if event.anchor:
                repeated[event.anchor] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            begun.append((event.anchor, values))
            values += 1
            if len(begun) > _MOST_LEVELS:
                raise _error(f"more than {_MOST_LEVELS} levels of lists and mappings", event)
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = begun.pop()
            if anchor:
                repeated[anchor] = values - before
        elif isinstance(event, yaml.DocumentStartEvent):
            repeated.clear()
        if values > _MOST_VALUES:
            raise _error(f"more than {_MOST_VALUES:,} values, those that aliases repeat included", event)


def _events(text: str) -> Iterator[yaml.Event]:
    return yaml.parse(text, Loader=_StrictLoader)


def _error(problem: str, place: Any) -> yaml.MarkedYAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, place.start_mark)


def _problem(error: yaml.YAMLError) -> str:
    """Returns the problem and its place, without the lines of the text around it."""
    if not isinstance(error, yaml.MarkedYAMLError):
        return shown(str(error).splitlines()[0])
    parts = [part for part in (error.context, error.problem) if part]
    mark = error.problem_mark or error.context_mark
    place = "" if mark is None else f" (line {mark.line + 1}, column {mark.column + 1})"
    return shown(", ".join(parts)) + place


def _value(tag: str, text: str) -> Any:
    if tag == _NULL:
        return None
    if tag == _BOOL:
        return text.lower() == "true"
    if len(text) > _MOST_DIGITS:
        raise ValueError(f"a number of more than {_MOST_DIGITS} characters")
    if tag == _INT:
        return int(text[2:], {"o": 8, "x": 16}[text[1]]) if text[:2] in ("0o", "0x") else int(text)
    return float(re.sub(r"\.(?=inf|nan)", "", text.lower()))


class _StrictLoader(_Parser):
    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 (as PyYAML declares it)
    yaml_constructors: ClassVar[dict[str | None, Any]] = {}

    def _scalar(self, node: yaml.ScalarNode) -> Any:
        if not isinstance(node, yaml.ScalarNode):
            raise _error(f"a value with the tag {shown(node.tag)} must be a scalar", node)
        if not _SCALARS[node.tag][0].match(node.value):
            raise _error(f"{shown(node.value)} is not of its tag", node)
        try:
            return _value(node.tag, node.value)
        except ValueError as error:
            raise _error(str(error), node) from error

    def _text(self, node: yaml.ScalarNode) -> str:
        return str(self.construct_scalar(node))

    def _list(self, node: yaml.SequenceNode) -> list[Any]:
        return self.construct_sequence(node, deep=True)

    def _mapping(self, node: yaml.MappingNode) -> dict[Hashable, Any]:
        if not isinstance(node, yaml.MappingNode):
            raise _error("a mapping was expected", node)
        found: dict[Hashable, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise _error("a key must be a scalar", key_node)
            key = self.construct_object(key_node, deep=True)
            if key in found:
                raise _error(f"the key {shown(key)} stands twice", key_node)
            found[key] = self.construct_object(value_node, deep=True)
        return found

    def _unknown(self, node: yaml.Node) -> Any:
        raise _error(f"the tag {shown(node.tag)} is not supported", node)


for _tag, (_pattern, _first) in _SCALARS.items():
    _StrictLoader.add_implicit_resolver(_tag, _pattern, _first)
    _StrictLoader.add_constructor(_tag, _StrictLoader._scalar)
_StrictLoader.add_constructor(_TEXT, _StrictLoader._text)
_StrictLoader.add_constructor(_LIST, _StrictLoader._list)
_StrictLoader.add_constructor(_MAP, _StrictLoader._mapping)
_StrictLoader.add_constructor(None, _StrictLoader._unknown)


class _Dumper(yaml.SafeDumper):
    """Quotes every text that YAML 1.1 or 1.2 would read as something else."""


for _tag in (_INT, _FLOAT):
    _Dumper.add_implicit_resolver(_tag, *_SCALARS[_tag])
