"""The server for Docker Compose."""

from __future__ import annotations

from typing import Any

from scalenet_tf.serving.settings import CONFIG, GRPC_PORT, MODELS, REST_PORT, ServerSettings


def compose(settings: ServerSettings) -> dict[str, Any]:
    """The content of `compose.yaml`, which lies beside the folders `models` and `config`."""
    return {
        "name": "scalenet",
        "services": {
            "serving": {
                "image": settings.image,
                "entrypoint": settings.command(),
                "environment": settings.environment,
                # TensorFlow Serving asks nobody who they are: other machines come in by the user's choice.
                "ports": [f"127.0.0.1:{port}:{port}" for port in (GRPC_PORT, REST_PORT)],
                # Folders, not files: a file that is replaced would stay the old one in the container.
                "volumes": [f"./models:{MODELS}:ro", f"./config:{CONFIG}:ro"],
                "cpus": settings.cores,
                "restart": "unless-stopped",
                # The ports open when every model is loaded; the image has no curl.
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
