"""How good and how private synthetic tables are; see :func:`evaluate`."""

from core.evaluation.evaluate import evaluate
from core.evaluation.values import NotMeasured, Report

__all__ = ["NotMeasured", "Report", "evaluate"]
