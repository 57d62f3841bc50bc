"""Reports: documents made from answers of the catalogue. The same release gives the same bytes."""

from tutela.reports.answers import Answers
from tutela.reports.jurisdiction import jurisdiction_brief
from tutela.reports.review import review_report
from tutela.reports.writers import FORMATS, write

__all__ = ["FORMATS", "Answers", "jurisdiction_brief", "review_report", "write"]
