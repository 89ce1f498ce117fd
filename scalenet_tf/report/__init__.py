"""Results of a run as tables, charts and one self-contained HTML page."""

from scalenet_tf.report.family import FamilyRow as FamilyRow
from scalenet_tf.report.family import family_rows as family_rows
from scalenet_tf.report.page import write_report as write_report
