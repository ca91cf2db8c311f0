"""Arithmetic over columns: parsed, never run as code."""

import ast
from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
_BINARY: Mapping[type[ast.operator], Callable[[Floats, Floats], Floats]] = {
    ast.Add: np.add,
    ast.Sub: np.subtract,
    ast.Mult: np.multiply,
    ast.Div: np.divide,
}
_CALLS: Mapping[str, Callable[..., Floats]] = {
    "min": np.minimum,
    "max": np.maximum,
    "abs": np.abs,
    "round": np.round,
    "sqrt": np.sqrt,
    "log": np.log,
    "exp": np.exp,
}
_ARGUMENTS = {"min": 2, "max": 2}
MOST_CHARACTERS = 300


def names_in(text: str) -> frozenset[str]:
    """The columns that a formula reads."""
    return frozenset(
        node.id
        for node in ast.walk(_parsed(text))
        if isinstance(node, ast.Name) and node.id not in _CALLS
    )


def check_formula(text: str) -> str:
    """What is wrong with a formula, empty when nothing is."""
    if len(text) > MOST_CHARACTERS:
        return f"a formula has at most {MOST_CHARACTERS} characters"
    try:
        evaluate_formula(text, dict.fromkeys(names_in(text), np.ones(1)))
    except SyntaxError:
        return "it is not arithmetic; use names of columns, numbers, + - * / and brackets"
    except ValueError as error:
        return str(error)
    return ""


def evaluate_formula(text: str, columns: Mapping[str, Floats]) -> Floats:
    """The value of each row, NaN where it has none.

    Raises
    ------
    ValueError
        For what is not arithmetic, or a name that no column has.
    """
    with np.errstate(all="ignore"):
        made = np.asarray(_value(_parsed(text).body, columns), dtype=np.float64)
    return np.where(np.isfinite(made), made, np.nan)


def _parsed(text: str) -> ast.Expression:
    try:
        return ast.parse(text.strip(), mode="eval")
    except (RecursionError, MemoryError, ValueError) as error:
        raise SyntaxError("too deep") from error


def _value(node: ast.expr, columns: Mapping[str, Floats]) -> Floats:
    if isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        return np.float64(node.value)  # type: ignore[return-value]
    if isinstance(node, ast.Name):
        if node.id not in columns:
            raise ValueError(f"there is no column {node.id!r}")
        return columns[node.id]
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        return -_value(node.operand, columns)
    if isinstance(node, ast.BinOp) and type(node.op) in _BINARY:
        return _BINARY[type(node.op)](_value(node.left, columns), _value(node.right, columns))
    if isinstance(node, ast.Call):
        return _called(node, columns)
    raise ValueError("only names of columns, numbers, + - * / and functions are possible")


def _called(node: ast.Call, columns: Mapping[str, Floats]) -> Floats:
    name = node.func.id if isinstance(node.func, ast.Name) else ""
    if name not in _CALLS or node.keywords:
        raise ValueError(f"the functions are {', '.join(_CALLS)}")
    wanted = _ARGUMENTS.get(name, 1)
    if len(node.args) != wanted:
        raise ValueError(f"{name} takes {wanted} value{'s' if wanted > 1 else ''}")
    return _CALLS[name](*(_value(argument, columns) for argument in node.args))
