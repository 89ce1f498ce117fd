"""`ReportFile`: the path of a report, which a notebook shows."""

from __future__ import annotations

from html import escape
from pathlib import PosixPath


class ReportFile(PosixPath):
    """The path of report.html; as the last value of a notebook's cell, the report itself is shown."""

    def _repr_html_(self) -> str:
        if not self.is_file():
            return f"<p>{escape(str(self))} is not written yet.</p>"
        page = escape(self.read_text("utf-8"), quote=True)
        return f'<iframe srcdoc="{page}" width="100%" height="700" style="border:0"></iframe>'
