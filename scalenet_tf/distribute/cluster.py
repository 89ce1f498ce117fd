"""The workers in TF_CONFIG, read without TensorFlow, which is imported only after a run is opened."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.files import parse_json
from scalenet_tf.utils.shown import shown

EXAMPLE = '{"cluster": {"worker": ["host0:9000", "host1:9000"]}, "task": {"type": "worker", "index": 0}}'


@dataclass(frozen=True)
class Cluster:
    """The workers of a training, and the position of this process among them.

    Attributes:
      addresses: "host:port" of each worker, the chief first; empty without TF_CONFIG.
      index: Index of this process in `addresses`.
    """

    addresses: tuple[str, ...] = ()
    index: int = 0

    @property
    def several(self) -> bool:
        """Whether there is more than one worker."""
        return len(self.addresses) > 1

    @property
    def chief(self) -> bool:
        """Whether this process writes the files."""
        return self.index == 0


def read_cluster(environment: Mapping[str, str] | None = None) -> Cluster:
    """Reads TF_CONFIG.

    Args:
      environment: Environment variables. Default: those of this process.

    Raises:
      ScaleNetError: If TF_CONFIG is not valid; the text shows an example.

    Example:
      >>> read_cluster({"TF_CONFIG": EXAMPLE}).chief
      True
    """
    text = (os.environ if environment is None else environment).get("TF_CONFIG", "")
    if not text.strip():
        return Cluster()
    try:
        config = parse_json(text)
    except ValueError as error:
        _refuse(f"it is not JSON ({error})", text)
    cluster = _section(config, "cluster", text)
    if not cluster:
        return Cluster()
    unknown = sorted(set(cluster) - {"chief", "worker"})
    if unknown:
        _refuse(f"training takes the jobs chief and worker; it names {shown(', '.join(unknown))}", text)
    jobs = {name: cluster.get(name, []) for name in ("chief", "worker")}
    for name, addresses in jobs.items():
        if not isinstance(addresses, list) or not all(map(_is_address, addresses)):
            _refuse(f'the job {name} must be a list of "host:port"', text)
    if len(jobs["chief"]) > 1:
        _refuse("there may be one chief", text)
    everyone = (*jobs["chief"], *jobs["worker"])
    if len(set(everyone)) < len(everyone):
        _refuse("an address is listed twice", text)
    task = _section(config, "task", text)
    job, index = task.get("type"), task.get("index")
    if not isinstance(job, str) or type(index) is not int or not 0 <= index < len(jobs.get(job, ())):
        _refuse("its task must be the type and the index of one of the cluster's workers", text)
    return Cluster(everyone, index + (len(jobs["chief"]) if job == "worker" else 0))


def _section(config: Any, name: str, text: str) -> dict[str, Any]:
    found = config.get(name, {}) if isinstance(config, dict) else None
    if not isinstance(found, dict):
        _refuse(f"its {name} must hold keys and values", text)
    return found


def _is_address(value: Any) -> bool:
    host, _, port = value.rpartition(":") if isinstance(value, str) else ("", "", "")
    return bool(host) and re.fullmatch("[0-9]{1,5}", port) is not None and int(port) < 2**16


def _refuse(why: str, text: str) -> NoReturn:
    raise InvalidInputError(
        f"the environment variable TF_CONFIG cannot be used: {why}. Expected, on worker 0: {EXAMPLE}. "
        f"Received: {shown(text)}. Fix it, or unset it to train in one process."
    )
