"""Following a run: the protocol of callbacks, and the trackers that come with the package."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalenet_tf.utils.lazy import lazy_names

if TYPE_CHECKING:
    from scalenet_tf.tracking.callback import RunCallback as RunCallback
    from scalenet_tf.tracking.notebook import NotebookProgress as NotebookProgress

_HOMES = {"NotebookProgress": "notebook", "RunCallback": "callback"}
__all__ = ["NotebookProgress", "RunCallback"]
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
