from __future__ import annotations

import pytest

from scalenet_tf.errors import ScaleNetError
from scalenet_tf.search.distributed.role import Role, read_role, role_of

VARIABLES = {"KERASTUNER_ORACLE_IP": "10.0.0.7", "KERASTUNER_ORACLE_PORT": "9000"}
ALL = {"KERASTUNER_TUNER_ID": "w9", **VARIABLES}


@pytest.mark.parametrize(
    ("chief", "worker", "address", "environment", "expected"),
    [
        (True, None, None, {}, Role("chief", "127.0.0.1", 8470)),
        (False, "w1", "search-chief:9001", VARIABLES, Role("w1", "search-chief", 9001)),
        (False, "w1", None, VARIABLES, Role("w1", "10.0.0.7", 9000)),
        (True, None, "[::]:8470", {}, Role("chief", "[::]", 8470)),
        (True, None, "localhost:1", {"KERASTUNER_ORACLE_PORT": "x"}, Role("chief", "localhost", 1)),
        (False, None, None, ALL, Role("w9", "10.0.0.7", 9000)),
        (
            False,
            None,
            None,
            {**ALL, "KERASTUNER_TUNER_ID": "my-chief-0"},
            Role("my-chief-0", "10.0.0.7", 9000),
        ),
        (False, None, None, {"TF_CONFIG": "{}"}, None),
    ],
)
def test_options_come_before_variables_and_those_before_the_default(
    chief: bool, worker: str | None, address: str | None, environment: dict[str, str], expected: Role | None
) -> None:
    assert read_role(chief, worker, address, environment=environment) == expected


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
    assert role_of(environment) == role
    secure = Role("chief", "host", 1, "c.pem", "k.pem")
    secure.enter(environment)
    files = {"SCALENET_SEARCH_CERTIFICATE_FILE": "c.pem", "SCALENET_SEARCH_KEY_FILE": "k.pem"}
    assert environment.items() >= files.items()
    assert secure.words[-4:] == ("--certificate", "c.pem", "--key", "k.pem")
    assert Role("chief", "host", 1).words == ("--chief", "--address", "host:1")


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        ((True, "w1", None), r"--chief and --worker exclude each other\. Received: both"),
        ((False, None, "host:1"), r"--address needs a role: --chief .* Received: --address host:1 alone"),
        (
            (False, "chief2", None),
            r"a printable name without \"chief\" in it, such as w1\. Received: 'chief2'",
        ),
        ((False, "", None), r"a printable name without .* Received: ''"),
        ((False, "w\x1b[2J", None), r"a printable name without .* Received: 'w\\x1b\[2J'"),
        (
            (False, None, None, "c.pem"),
            r"--certificate needs a role: .* Received: --certificate c\.pem alone",
        ),
        ((False, None, None, None, "k.pem"), r"--key needs a role: .* Received: --key k\.pem alone"),
        ((False, "w1", "host"), r"--address must be HOST:PORT, such as 127\.0\.0\.1:8470\. Received: 'host'"),
        ((True, None, "host:70000"), r"--address must be HOST:PORT.* Received: 'host:70000'"),
        ((True, None, "host:" + "9" * 5000), r"--address must be HOST:PORT"),
        ((True, None, "host:٣"), r"--address must be HOST:PORT"),
    ],
)
def test_what_cannot_be_used_is_refused(
    arguments: tuple[bool, str | None, str | None, str, str], text: str
) -> None:
    with pytest.raises(ScaleNetError, match=text):
        read_role(*arguments, environment={})


@pytest.mark.parametrize("given", range(1, 7))
@pytest.mark.parametrize("empty", [False, True])
def test_variables_in_part_are_named(given: int, empty: bool) -> None:
    names = list(ALL)
    kept = [name for place, name in enumerate(names) if given >> place & 1]
    environment = {name: ALL[name] for name in kept} | (
        {n: "" for n in names if n not in kept} if empty else {}
    )
    with pytest.raises(ScaleNetError, match=r"another job may have left these\. Unset them") as refused:
        role_of(environment)
    assert all(f"{name}={ALL[name]}" in str(refused.value) for name in kept)
    missing = ", ".join(name for name in names if name not in kept)
    assert f"but not {missing}: Keras Tuner's" in str(refused.value)
    address = {name for name in kept if name != "KERASTUNER_TUNER_ID"}
    if len(address) == 1:
        with pytest.raises(ScaleNetError, match="or pass --address"):
            read_role(False, "w1", None, environment=environment)
    assert read_role(False, "w1", "host:1", environment=environment) == Role("w1", "host", 1)


def test_a_port_that_is_none_is_named() -> None:
    text = r"KERASTUNER_ORACLE_IP:KERASTUNER_ORACLE_PORT must be HOST:PORT.* Received: '10\.0\.0\.7:http'"
    with pytest.raises(ScaleNetError, match=text):
        role_of({**ALL, "KERASTUNER_ORACLE_PORT": "http"})
