"""Differential privacy: what was promised, what was spent, and the only source of its noise."""
