"""Everything that determines the results of the study."""

from __future__ import annotations

from pydantic import Field

from scalenet_tf.config import DataConfig
from studies.common.study import StudyKind, StudyValue


class Study(StudyValue):
    """Everything that determines the results.

    Attributes:
      data: Unused; the networks of the table were trained by its authors.
      digest: SHA-256 of the table's file.
      seeds: Number of runs per method that are reported: seeds 0, 1, …
      tuning_seeds: Number of runs per method that choose its parameters: seeds 1,000,000 and on.
      budgets: Numbers of evaluations at which methods are compared.
    """

    data: DataConfig = DataConfig()
    digest: str
    seeds: int = Field(default=1000, ge=2)
    tuning_seeds: int = Field(default=50, ge=1)
    budgets: tuple[int, ...] = (10, 50, 200, 500)

    @classmethod
    def quick(cls, digest: str) -> Study:
        """A minute's work; its results mean nothing."""
        return cls(digest=digest, seeds=10, tuning_seeds=1, budgets=(10, 50))


KIND = StudyKind(
    "studies.nas_bench_macro",
    Study,
    ("best", "table"),
    "studies/nas_bench_macro/data/searches.jsonl",
    start="run TABLE",
)
