"""The origin of an artifact: its inputs, code and data, and one digest of everything that determines it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from components.common.code import code_digest
from scalenet_tf.utils.digest import json_digest

# Mount points of the artifact stores on Kubeflow and Vertex AI.
_MOUNTS = {"/gcs/": "gs://", "/minio/": "minio://", "/s3/": "s3://"}


@dataclass(frozen=True)
class Input:
    """An artifact that was read: its URI, and the digest of everything that determined it."""

    uri: str
    digest: str


@dataclass(frozen=True)
class Lineage:
    """The origin of one artifact.

    Attributes:
      component: The component that made it.
      inputs: Inputs by name.
      decides: Parameters that determine the content, as JSON, without paths.
      data_digest: Digest of the images that it was made from.
    """

    component: str
    inputs: Mapping[str, Input]
    decides: Mapping[str, Any]
    data_digest: str = ""

    @property
    def digest(self) -> str:
        """Digest that is equal for equal inputs, parameters and code, wherever they are stored."""
        inputs = {name: given.digest for name, given in self.inputs.items()}
        return json_digest([self.component, inputs, dict(self.decides), code_digest()])

    def metadata(self) -> dict[str, Any]:
        """The lineage as metadata of an artifact."""
        return {
            "component": self.component,
            "digest": self.digest,
            "code_digest": code_digest(),
            "data_digest": self.data_digest,
            "inputs": {name: given.uri for name, given in self.inputs.items()},
            "input_digests": {name: given.digest for name, given in self.inputs.items()},
        }


def uri_of(path: str) -> str:
    """Converts a mounted path to the URI of the artifact; other paths are returned unchanged."""
    for mount, scheme in _MOUNTS.items():
        if path.startswith(mount):
            return scheme + path.removeprefix(mount)
    return path
