from __future__ import annotations

import json
from typing import Any

import pytest

from scalenet_tf.distribute.cluster import EXAMPLE, Cluster, read_cluster
from scalenet_tf.errors import ScaleNetError


def read(cluster: Any, job: Any = "worker", index: Any = 0) -> Cluster:
    return read_cluster(
        {"TF_CONFIG": json.dumps({"cluster": cluster, "task": {"type": job, "index": index}})}
    )


def test_the_chief_is_the_chief_or_the_first_worker() -> None:
    two = {"worker": ["a:1", "b:2"]}
    assert read(two) == Cluster(("a:1", "b:2"), 0)
    assert [read(two, index=index).chief for index in (0, 1)] == [True, False]
    three = {"chief": ["c:3"], **two}
    assert read(three, "chief").chief
    assert read(three, index=1) == Cluster(("c:3", "a:1", "b:2"), 2)
    assert not read(three).chief


def test_no_cluster_is_one_process_that_writes() -> None:
    for environment in ({}, {"TF_CONFIG": ""}, {"TF_CONFIG": "{}"}, {"TF_CONFIG": '{"cluster": {}}'}):
        cluster = read_cluster(environment)
        assert cluster.chief and not cluster.several
    assert not read({"worker": ["a:1"]}).several


def test_the_example_of_the_messages_is_valid() -> None:
    assert read_cluster({"TF_CONFIG": EXAMPLE}).several


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("worker", "it is not JSON"),
        ("[1]", "its cluster must hold keys and values"),
        ('{"cluster": ["a:1"]}', "its cluster must hold keys and values"),
        ('{"cluster": {"ps": ["a:1"]}}', "it names ps"),
        ('{"cluster": {"worker": "a:1"}}', 'worker must be a list of "host:port"'),
        ("[" * 100_000, "it is not JSON .values are nested too deeply"),
        ('{"cluster": {"worker": ["a:99999"]}}', 'worker must be a list of "host:port"'),
        (
            '{"cluster": {"worker": ["a:1", "b:2"]}, "task": {"type": "worker", "index": true}}',
            "its task must",
        ),
        ('{"cluster": {"worker": ["a"]}}', 'worker must be a list of "host:port"'),
        ('{"cluster": {"chief": ["a:1", "b:1"]}}', "there may be one chief"),
        ('{"cluster": {"worker": ["a:1", "a:1"]}}', "an address is listed twice"),
        ('{"cluster": {"worker": ["a:1"]}}', "its task must be"),
        ('{"cluster": {"worker": ["a:1"]}, "task": {"type": "worker", "index": 1}}', "its task must be"),
        ('{"cluster": {"worker": ["a:1"]}, "task": {"type": "chief", "index": 0}}', "its task must be"),
    ],
)
def test_what_cannot_be_used_is_named_with_an_example(text: str, why: str) -> None:
    found = f"TF_CONFIG cannot be used: .*{why}.* Expected, on worker 0: "
    with pytest.raises(ScaleNetError, match=found) as error:
        read_cluster({"TF_CONFIG": text})
    assert len(str(error.value)) < 1000
