"""All gates in the order in which they are shown."""

from collections.abc import Callable

from core.evaluation.details import GateResult
from core.evaluation.gates.completeness import completeness
from core.evaluation.gates.conformity import formats, types
from core.evaluation.gates.distribution import distribution
from core.evaluation.gates.gate import Gated
from core.evaluation.gates.linkage import children, coverage
from core.evaluation.gates.metadata import metadata
from core.evaluation.gates.uniqueness import near_duplicates, unique_keys
from core.evaluation.gates.validity import validity

GATES: dict[str, Callable[[Gated], GateResult]] = {
    "completeness": completeness,
    "types": types,
    "formats": formats,
    "validity": validity,
    "keys": unique_keys,
    "near_duplicates": near_duplicates,
    "metadata": metadata,
    "distribution": distribution,
    "coverage": coverage,
    "children": children,
}


def gate_results(gated: Gated) -> tuple[GateResult, ...]:
    """Every gate's result for one table."""
    return tuple(gate(gated) for gate in GATES.values())
