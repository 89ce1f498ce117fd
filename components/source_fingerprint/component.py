"""Fingerprint of a data source, which in TFX is computed by the driver of ExampleGen."""

from components.common.base import component


@component
def source_fingerprint(config: str = "quickstart", source: str = "") -> str:
    """Lists the files of a source, so that ExampleGen reads them again if they have changed.

    Args:
      config: Name or YAML text of a configuration.
      source: bundled, tfds:NAME, folder:PATH or tfrecord:PATH; "" for the source of `config`.

    Returns:
      A digest of the names, sizes and versions of the files.
    """
    from components.source_fingerprint import executor

    return executor.fingerprint(config=config, source=source)
