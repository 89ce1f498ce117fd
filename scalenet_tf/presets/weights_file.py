"""Loads a user's weights into the model of a preset; no weights are shipped."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

from scalenet_tf.errors import InvalidInputError

if TYPE_CHECKING:
    import keras

KINDS = (".npz", ".weights.h5")


def check_weights(weights: str | Path | None) -> Path | None:
    """Returns the path of a weights file, or None.

    Raises:
      ScaleNetError: If it is anything else, such as "imagenet".
    """
    if weights is None:
        return None
    if isinstance(weights, str | Path) and str(weights).endswith(KINDS) and Path(weights).is_file():
        return Path(weights)
    raise InvalidInputError(
        "`weights` must be None (random weights) or the path of a file that exists: weights.npz of a member "
        f"of a run, or Keras' .weights.h5. Received: {str(weights)!r}. No ImageNet weights are shipped: "
        "train the model, then give the file of its weights."
    )


def fill_weights(model: keras.Model, path: Path) -> None:
    """Fills every weight of `model`; the file may also hold a classifier that the model lacks.

    Raises:
      ScaleNetError: If the file cannot be read, or belongs to another network.
    """
    from scalenet_tf.models import weights as member_weights

    try:
        if path.suffix == ".npz":
            member_weights.load_weights(path, model, "Give the file of this network.")
        else:
            # Keras also warns about missing containers before it raises the error.
            with warnings.catch_warnings():
                warnings.filterwarnings("ignore", "Skipping nested container")
                model.load_weights(path)
    except (ValueError, KeyError, OSError, EOFError, zipfile.BadZipFile) as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
        raise InvalidInputError(
            f"`weights`: {str(path)!r} does not fit {model.name!r}: scaling, channels and classes must be "
            "those of the network that was saved; include_top=False leaves the classifier out. "
            f"Reason: {reason}"
        ) from error
