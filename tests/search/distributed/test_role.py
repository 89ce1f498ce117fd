from __future__ import annotations

import pytest

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.search.distributed.role import Role, read_role

VARIABLES = {"KERASTUNER_ORACLE_IP": "10.0.0.7", "KERASTUNER_ORACLE_PORT": "9000"}


@pytest.mark.parametrize(
    ("chief", "worker", "address", "environment", "expected"),
    [
        (True, None, None, {}, Role("chief", "127.0.0.1", 8470)),
        (False, "w1", "search-chief:9001", VARIABLES, Role("w1", "search-chief", 9001)),
        (False, "w1", None, VARIABLES, Role("w1", "10.0.0.7", 9000)),
        (True, None, "[::]:8470", {}, Role("chief", "[::]", 8470)),
        (False, None, None, VARIABLES, None),
    ],
)
def test_options_come_before_variables_and_those_before_the_default(
    chief: bool, worker: str | None, address: str | None, environment: dict[str, str], expected: Role | None
) -> None:
    assert read_role(chief, worker, address, environment) == expected


def test_a_role_sets_keras_tuners_variables_and_names_its_options() -> None:
    environment = dict(VARIABLES)
    role = Role("w1", "host", 8470)
    role.enter(environment)
    assert environment == {
        "KERASTUNER_TUNER_ID": "w1",
        "KERASTUNER_ORACLE_IP": "host",
        "KERASTUNER_ORACLE_PORT": "8470",
    }
    assert role.words == ("--worker", "w1", "--address", "host:8470")
    assert Role("chief", "host", 1).words == ("--chief", "--address", "host:1")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((True, "w1", None), r"--chief and --worker exclude each other\. Received: both"),
        ((False, None, "host:1"), r"--address needs a role: --chief .* Received: --address host:1 alone"),
        ((False, "chief2", None), r"a name without \"chief\" in it, such as w1\. Received: 'chief2'"),
        ((False, "", None), r"a name without .* Received: ''"),
        ((False, "w1", "host"), r"--address must be HOST:PORT, such as 127\.0\.0\.1:8470\. Received: 'host'"),
        ((True, None, "host:70000"), r"--address must be HOST:PORT.* Received: 'host:70000'"),
    ],
)
def test_what_cannot_be_used_is_refused(arguments: tuple[bool, str | None, str | None], text: str) -> None:
    with pytest.raises(ScaleNetError, match=text):
        read_role(*arguments, environment={})
