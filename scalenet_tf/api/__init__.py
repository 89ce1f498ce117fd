"""The whole job from Python: search and train a family, and use its members as Keras models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scalenet_tf.utils.lazy import lazy_names

if TYPE_CHECKING:
    from scalenet_tf.api.family_member import FamilyMember as FamilyMember
    from scalenet_tf.api.forecast import forecast_family as forecast_family
    from scalenet_tf.api.job import search_family as search_family
    from scalenet_tf.api.searched_tuner import model_from_hyperparameters as model_from_hyperparameters
    from scalenet_tf.api.searched_tuner import tuner as tuner
    from scalenet_tf.api.trained_family import TrainedFamily as TrainedFamily
    from scalenet_tf.api.trained_family import open_family as open_family

_HOMES = {
    "FamilyMember": "family_member",
    "TrainedFamily": "trained_family",
    "forecast_family": "forecast",
    "model_from_hyperparameters": "searched_tuner",
    "open_family": "trained_family",
    "search_family": "job",
    "tuner": "searched_tuner",
}
__all__ = [
    "FamilyMember",
    "TrainedFamily",
    "forecast_family",
    "model_from_hyperparameters",
    "open_family",
    "search_family",
    "tuner",
]
__getattr__, __dir__ = lazy_names(__name__, _HOMES)
