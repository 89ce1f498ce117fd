"""Results of a run as tables, charts and one self-contained HTML page."""

from scalenet_tf.report.family import FamilyRow, family_rows
from scalenet_tf.report.page import write_report

__all__ = ["FamilyRow", "family_rows", "write_report"]
