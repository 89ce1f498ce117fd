"""The whole job from Python: search and train a family, and use its members as Keras models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalenet_tf.utils.lazy import lazy_names

if TYPE_CHECKING:
    from scalenet_tf.api.family_member import FamilyMember as FamilyMember
    from scalenet_tf.api.job import search_family as search_family
    from scalenet_tf.api.trained_family import TrainedFamily as TrainedFamily
    from scalenet_tf.api.trained_family import open_family as open_family

_HOMES = {
    "FamilyMember": "family_member",
    "TrainedFamily": "trained_family",
    "open_family": "trained_family",
    "search_family": "job",
}
__all__ = ["FamilyMember", "TrainedFamily", "open_family", "search_family"]
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
