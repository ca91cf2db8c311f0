"""Usefulness in full: for each target, models trained on synthetic rows against real ones."""

from core.evaluation.usefulness.detail import utility_detail

__all__ = ["utility_detail"]
