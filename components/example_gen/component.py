"""Conversion of any data source to TFRecord splits."""

from kfp import dsl

from components.common.base import component


@component
def example_gen(
    examples: dsl.Output[dsl.Dataset],
    config: str = "quickstart",
    source: str = "",
    shards: int = 1,
    fingerprint: str = "",
) -> None:
    """Writes the images of a data source as Split-train, Split-eval and Split-test.

    Args:
      examples: The splits, and labels.txt.
      config: Name or YAML text of a configuration, whose seed and fractions determine the splits.
      source: bundled, tfds:NAME, folder:PATH or tfrecord:PATH; "" for the source of `config`.
      shards: Number of files of each split, at least the number of workers that will train.
      fingerprint: Fingerprint of SourceFingerprint; another one invalidates the cached output of this step.
    """
    from components.example_gen import executor

    outcome = executor.generate(
        examples=examples.path, config=config, source=source, shards=shards, fingerprint=fingerprint
    )
    examples.metadata.update(outcome.metadata)
