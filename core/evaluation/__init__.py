"""How good and how private synthetic tables are; see :func:`evaluate`."""

from core.evaluation.evaluate import evaluate
from core.evaluation.pdf import ReportContext, render_pdf
from core.evaluation.values import NotMeasured, Report

__all__ = ["NotMeasured", "Report", "ReportContext", "evaluate", "render_pdf"]
