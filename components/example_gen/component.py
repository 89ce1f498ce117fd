"""Any data source as TFRecord splits."""

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
    """Writes a source's images as Split-train, Split-eval and Split-test.

    Args:
      examples: The splits, and labels.txt.
      config: A shipped configuration's name, or the YAML text of one, whose seed and fractions decide
        the splits.
      source: bundled, tfds:NAME, folder:PATH or tfrecord:PATH; that of `config` where "".
      shards: Files of each split; at least as many as workers will train.
      fingerprint: Of SourceFingerprint: with another one a pipeline's cache does not serve this step.
    """
    from components.example_gen import executor

    outcome = executor.generate(
        examples=examples.path, config=config, source=source, shards=shards, fingerprint=fingerprint
    )
    examples.metadata.update(outcome.metadata)
