"""Data quality gates: what synthetic tables must meet before anybody works with them."""

from core.evaluation.gates.gate import Gated
from core.evaluation.gates.registry import GATES, gate_results
from core.evaluation.gates.words import GATE_WORDS

__all__ = ["GATES", "GATE_WORDS", "Gated", "gate_results"]
