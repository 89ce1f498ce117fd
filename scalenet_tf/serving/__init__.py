"""Files for TensorFlow Serving, and the check of a running server.

This package itself does not import TensorFlow; modules that read or write SavedModels do.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalenet_tf.utils.lazy import lazy_names

if TYPE_CHECKING:
    from scalenet_tf.serving.family_folder import ServedFamily as ServedFamily
    from scalenet_tf.serving.family_folder import serve_files as serve_files
    from scalenet_tf.serving.server_check import ServerCheck as ServerCheck
    from scalenet_tf.serving.server_check import check_server as check_server

_HOMES = {
    "ServedFamily": "family_folder",
    "ServerCheck": "server_check",
    "check_server": "server_check",
    "serve_files": "family_folder",
}
__all__ = ["ServedFamily", "ServerCheck", "check_server", "serve_files"]
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
