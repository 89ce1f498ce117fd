"""Manifests that start the server: objects for Kubernetes, and a file for Docker Compose."""

from __future__ import annotations

from collections.abc import Mapping

from scalenet_tf.serving.confinement import (
    TEMPORARY,
    compose_security,
    container_security,
    network_policy,
    pod_security,
    temporary_volume,
)
from scalenet_tf.serving.settings import (
    CONFIG,
    GRPC_PORT,
    METRICS_PATH,
    MODELS,
    REST_PORT,
    ServerSettings,
)

NAME = "scalenet-serving"
CLAIM = "scalenet-models"
READ_ONCE = "scalenet-tf/read-once"
_LABELS = {"app.kubernetes.io/name": NAME}


def manifest(
    settings: ServerSettings, configs: Mapping[str, str], probed: str, read_once: str
) -> list[dict[str, object]]:
    """Returns the objects of `kubernetes.yaml`: a ConfigMap, a Deployment, a Service and a NetworkPolicy.

    Args:
      settings: Settings of the server.
      configs: Text of each file in the folder `config`, by file name.
      probed: Name of the model whose stable version must be loaded before the pod gets requests.
      read_once: Digest of the files that the server reads when it starts; another one starts new pods.
    """
    return [
        {"apiVersion": "v1", "kind": "ConfigMap", "metadata": _metadata(), "data": dict(configs)},
        {
            "apiVersion": "apps/v1",
            "kind": "Deployment",
            "metadata": _metadata(),
            "spec": {
                "replicas": 1,
                "selector": {"matchLabels": _LABELS},
                "template": {
                    "metadata": {"labels": _LABELS, "annotations": {**_scraped(), READ_ONCE: read_once}},
                    "spec": {
                        "automountServiceAccountToken": False,
                        "securityContext": pod_security(),
                        "containers": [_container(settings, probed)],
                        "volumes": [
                            {
                                "name": "models",
                                "persistentVolumeClaim": {"claimName": CLAIM, "readOnly": True},
                            },
                            {"name": "config", "configMap": {"name": NAME}},
                            temporary_volume("temporary"),
                        ],
                    },
                },
            },
        },
        {
            "apiVersion": "v1",
            "kind": "Service",
            "metadata": _metadata(),
            "spec": {
                "selector": _LABELS,
                "ports": [
                    {"name": name, "port": port, "targetPort": name}
                    for name, port in (("grpc", GRPC_PORT), ("rest", REST_PORT))
                ],
            },
        },
        network_policy(_metadata(), _LABELS),
    ]


def _metadata() -> dict[str, object]:
    return {"name": NAME, "labels": _LABELS}


def _scraped() -> dict[str, str]:
    return {
        "prometheus.io/scrape": "true",
        "prometheus.io/port": str(REST_PORT),
        "prometheus.io/path": METRICS_PATH,
    }


def _container(settings: ServerSettings, probed: str) -> dict[str, object]:
    machine = {"cpu": str(settings.cores), "memory": settings.memory}
    return {
        "name": "serving",
        "image": settings.image,
        "command": settings.command(),
        "env": [{"name": name, "value": value} for name, value in settings.environment.items()],
        "ports": [
            {"name": "grpc", "containerPort": GRPC_PORT},
            {"name": "rest", "containerPort": REST_PORT},
        ],
        "resources": {"requests": machine, "limits": machine},
        "securityContext": container_security(),
        # The path of a model answers even while the model is loading; the path of its metadata does not.
        "readinessProbe": {
            "httpGet": {"path": f"/v1/models/{probed}/labels/stable/metadata", "port": "rest"},
            "initialDelaySeconds": 2,
            "periodSeconds": 5,
            "timeoutSeconds": 3,
        },
        "volumeMounts": [
            {"name": "models", "mountPath": MODELS, "readOnly": True},
            {"name": "config", "mountPath": CONFIG, "readOnly": True},
            {"name": "temporary", "mountPath": TEMPORARY},
        ],
    }


def compose(settings: ServerSettings, read_once: str, project: str) -> dict[str, object]:
    """Returns the content of `compose.yaml`, which is next to the folders `models` and `config`.

    Args:
      settings: Settings of the server.
      read_once: Digest of the files that the server reads when it starts; another one makes a new container.
      project: Name of the project, by which Compose finds the server of this folder again.
    """
    return {
        "name": project,
        "services": {
            "serving": {
                "image": settings.image,
                "entrypoint": settings.command(),
                "environment": settings.environment,
                "labels": {READ_ONCE: read_once},
                # TensorFlow Serving has no authentication, so bind to localhost by default.
                "ports": [f"127.0.0.1:{port}:{port}" for port in (GRPC_PORT, REST_PORT)],
                # Mount folders: of a mounted file, the container would keep seeing the old version.
                "volumes": [f"./models:{MODELS}:ro", f"./config:{CONFIG}:ro"],
                "cpus": settings.cores,
                **compose_security(settings.memory),
                "restart": "unless-stopped",
                # The ports open once every model is loaded; the image has no curl.
                "healthcheck": {
                    "test": ["CMD", "bash", "-c", f"exec 3<>/dev/tcp/127.0.0.1/{REST_PORT}"],
                    "interval": "5s",
                    "timeout": "3s",
                    "retries": 3,
                    "start_period": "60s",
                },
            }
        },
    }
