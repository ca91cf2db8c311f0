"""What in a table points to people: semantic types, their detection, and what to do about it."""

from core.data.pii.semantics import SEMANTICS, Semantic, semantic_type

__all__ = ["SEMANTICS", "Semantic", "semantic_type"]
