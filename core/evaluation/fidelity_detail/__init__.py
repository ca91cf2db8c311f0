"""How alike columns, pairs and whole rows are, in full; see :func:`fidelity_detail`."""

from core.evaluation.fidelity_detail.detail import fidelity_detail

__all__ = ["fidelity_detail"]
