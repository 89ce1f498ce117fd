"""`forecast_family`: the work of a whole job and its time on this device, before it begins."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from scalenet_tf.api.config_of_call import config_for_images, config_of_call
from scalenet_tf.config import RunConfig, load_config, update_config
from scalenet_tf.config.source import source_of
from scalenet_tf.errors import InvalidInputError
from scalenet_tf.utils.tf_setup import load_tensorflow

if TYPE_CHECKING:
    from scalenet_tf.forecast import Forecast


def forecast_family(
    data: str | Path | None = None,
    *,
    config: str | Path | RunConfig | Mapping[str, Any] | None = None,
    minutes: float | None = None,
    **settings: Any,
) -> Forecast:
    """Estimates the work and the time of `search_family` by a few real steps; writes nothing.

    Other work on the machine makes the estimate longer. The command line has it as `--dry-run`, which
    measures without deterministic operations. Keras' session is cleared, as at the start of a run. For images
    in memory, an own space or `max_macs`, forecast the configuration that comes nearest.

    Args:
      data: Path of a folder of images, or a data source such as "tfds:fashion_mnist". Default: the images of
        the configuration.
      config: Name or path of a configuration, a `RunConfig`, or a dict of keys, beside which defaults hold.
        Default: the shipped one that fits the images, see `proposed_config`.
      minutes: Most minutes, about, that the run may take, as for `search_family`. Default: as the
        configuration says.
      **settings: Keys of the configuration: `seed=1`, or dicts of a section's keys, such as
        `search={"rounds": 6}`. Those of the section `data` have dots: `**{"data.skip_corrupt": True}`.

    Returns:
      The forecast; `print` shows it as a table.

    Raises:
      ScaleNetError: If the images or settings cannot be used.

    Example:
      >>> forecast_family("photos", minutes=10).seconds
    """
    if data is not None and not isinstance(data, str | Path):
        raise InvalidInputError(
            "`data` must be the path of a folder or a data source. Received: "
            f"{type(data).__name__}. For images in memory, forecast the configuration that comes nearest; "
            "keys of the section `data` are given with dots: **{'data.skip_corrupt': True}."
        )
    asked = config_of_call(load_config("quickstart") if config is None else config, settings)
    if data is not None:
        asked = update_config(asked, {"data": {"source": source_of(data)}})
    if config is None:
        asked = config_for_images(asked, settings)
    load_tensorflow()
    from scalenet_tf.forecast.limit import check_minutes
    from scalenet_tf.forecast.survey import surveyed
    from scalenet_tf.utils.tf_setup import determinism_restored, without_advice

    if minutes is not None:
        check_minutes(minutes)
    with determinism_restored(), without_advice():
        found = surveyed(asked, fast=False)
        if minutes is not None:
            found = found.with_settings(found.settings_within(minutes))
        return found.forecast()
