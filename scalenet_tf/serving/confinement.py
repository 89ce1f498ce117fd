"""Limits of the server's container: no root, no new files, no way out of its pod, bounded memory.

TensorFlow Serving decodes the images of strangers, so an error in a decoder should gain nothing.
"""

from __future__ import annotations

from collections.abc import Mapping

USER = 10001  # Any number but 0: the server needs no entry in /etc/passwd.
TEMPORARY = "/tmp"
_TEMPORARY_MEBIBYTES = 64
_MOST_PROCESSES = 512


def pod_security() -> dict[str, object]:
    """Returns the `securityContext` of the pod."""
    return {
        "runAsNonRoot": True,
        "runAsUser": USER,
        "runAsGroup": USER,
        "seccompProfile": {"type": "RuntimeDefault"},
    }


def container_security() -> dict[str, object]:
    """Returns the `securityContext` of the container."""
    return {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }


def temporary_volume(name: str) -> dict[str, object]:
    """Returns the volume of temporary files, the only place that can be written."""
    return {"name": name, "emptyDir": {"sizeLimit": f"{_TEMPORARY_MEBIBYTES}Mi"}}


def network_policy(metadata: Mapping[str, object], selector: Mapping[str, str]) -> dict[str, object]:
    """Returns a NetworkPolicy: pods of its namespace reach the server's ports, the server reaches nothing.

    Args:
      metadata: Name and labels of the object.
      selector: Labels of the server's pods.
    """
    return {
        "apiVersion": "networking.k8s.io/v1",
        "kind": "NetworkPolicy",
        "metadata": dict(metadata),
        "spec": {
            "podSelector": {"matchLabels": dict(selector)},
            "policyTypes": ["Ingress", "Egress"],
            "ingress": [
                {
                    "from": [{"podSelector": {}}],
                    "ports": [{"protocol": "TCP", "port": port} for port in ("grpc", "rest")],
                }
            ],
            "egress": [],
        },
    }


def compose_security(memory: str) -> dict[str, object]:
    """Returns the same limits as keys of a Compose service.

    Args:
      memory: Memory limit in Kubernetes' notation, such as "4Gi".
    """
    return {
        "user": f"{USER}:{USER}",
        "read_only": True,
        "tmpfs": [f"{TEMPORARY}:size={_TEMPORARY_MEBIBYTES}m"],
        "cap_drop": ["ALL"],
        "security_opt": ["no-new-privileges:true"],
        "pids_limit": _MOST_PROCESSES,
        "mem_limit": memory.removesuffix("i").lower(),
    }
