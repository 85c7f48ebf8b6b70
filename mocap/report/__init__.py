"""The quality of a take, with or without the truth: figures, lines, gates and a page.

`figures` and `accuracy` measure, `meaning` says what each figure is and how good it is, `lines`,
`page` (with `plots`) and `gates` are the ways to read them.
"""

from mocap.report.figures import report
from mocap.report.lines import text

__all__ = ["report", "text"]
