"""What an artifact was made of: inputs, code, data, and one digest of all that decides it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.common.code import code_digest
from scalenet_tf.utils.digest import json_digest

# Where Kubeflow and Vertex mount the stores of artifacts.
_MOUNTS = {"/gcs/": "gs://", "/minio/": "minio://", "/s3/": "s3://"}


@dataclass(frozen=True)
class Input:
    """An artifact that was read: where it is, and the digest of what decided it."""

    uri: str
    digest: str


@dataclass(frozen=True)
class Lineage:
    """The origin of one artifact.

    Attributes:
      component: Which made it.
      inputs: By name.
      decides: Parameters that decide the content, as JSON; no paths.
      data_digest: Of the images behind it.
    """

    component: str
    inputs: Mapping[str, Input]
    decides: Mapping[str, Any]
    data_digest: str = ""

    @property
    def digest(self) -> str:
        """Equal for equal inputs, parameters and code, wherever they are."""
        inputs = {name: given.digest for name, given in self.inputs.items()}
        return json_digest([self.component, inputs, dict(self.decides), code_digest()])

    def metadata(self) -> dict[str, Any]:
        """As it stands in an artifact's metadata."""
        return {
            "component": self.component,
            "digest": self.digest,
            "code_digest": code_digest(),
            "data_digest": self.data_digest,
            "inputs": {name: given.uri for name, given in self.inputs.items()},
            "input_digests": {name: given.digest for name, given in self.inputs.items()},
        }


def uri_of(path: str) -> str:
    """The URI of an artifact's mounted path; a path that is no mount stays."""
    for mount, scheme in _MOUNTS.items():
        if path.startswith(mount):
            return scheme + path.removeprefix(mount)
    return path
