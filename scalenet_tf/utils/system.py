"""The operating systems that runs need."""

from __future__ import annotations

import sys

from scalenet_tf.errors import ScaleNetError

_LACKING = ("win32", "cygwin")


def check_system(platform: str = sys.platform) -> None:
    """Checks that runs can be made on an operating system.

    Args:
      platform: Name of the system, as `sys.platform` gives it. Default: this one.

    Raises:
      ScaleNetError: If it is Windows, in one line that says what works there.

    Example:
      >>> check_system("linux")
    """
    if platform in _LACKING:
        raise ScaleNetError(
            "runs need Linux or macOS, whose file locks and signals protect them. Received: Windows. Use "
            "WSL 2, where everything works. On Windows itself, Python can load spaces, count costs and "
            "build and train the Keras models of `build_model` and `scalenet_tf.presets`."
        )
