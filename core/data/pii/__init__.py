"""What in a table points to people: semantic types, their detection, and what to do about it."""

from core.data.pii.detect import DETECTORS, find_pii
from core.data.pii.finding import Finding, apply_suggestions, masked_columns
from core.data.pii.semantics import SEMANTICS, Semantic, semantic_type
from core.data.pii.whynot import why_not

__all__ = [
    "DETECTORS",
    "SEMANTICS",
    "Finding",
    "Semantic",
    "apply_suggestions",
    "find_pii",
    "masked_columns",
    "semantic_type",
    "why_not",
]
