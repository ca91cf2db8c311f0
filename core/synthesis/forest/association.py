"""Which earlier columns say something about a column, and in what order a tree sees labels."""

import numpy as np
import numpy.typing as npt

from core.synthesis.forest.cells import Codes, Floats

SCREEN_ROWS = 20_000
_ROUNDS = 8


def contingency(code: Codes, target: Codes, classes: int) -> Floats:
    """Rows of each code and class (codes up to the highest that occurs x classes)."""
    height = int(code.max()) + 1
    flat = np.bincount(code.astype(np.int64) * classes + target, minlength=height * classes)
    return flat.reshape(height, classes).astype(np.float64)


def order_labels(code: Codes, target: Codes, classes: int) -> Codes:
    """The place of each of 256 codes in the order that separates the classes best.

    The order is that of the first axis of a correspondence analysis of code by class, with rare
    codes pulled to the middle. Codes that do not occur come first.
    """
    counts = contingency(code, target, classes)
    size, share = counts.sum(1), counts.sum(0) / counts.sum()
    seen = share > 0
    profile = (counts + 5 * share)[:, seen] / (size + 5)[:, None]
    centred = (profile - share[seen]) / np.sqrt(share[seen])
    axis = np.cos(np.arange(seen.sum()))
    for _ in range(_ROUNDS):
        score = (centred * axis).sum(1)
        axis = (centred * (size * score)[:, None]).sum(0)
        norm = np.sqrt((axis * axis).sum())
        if norm == 0:
            break
        axis = axis / norm
    score = np.where(size > 0, (centred * axis).sum(1), -np.inf)
    place = np.zeros(256, np.uint8)
    place[np.argsort(score, kind="stable")] = np.arange(len(score))
    return place


def strongest(codes: Codes, target: Codes, classes: int, most: int) -> npt.NDArray[np.int64]:
    """The ``most`` rows of ``codes`` (features x rows) that tell most about ``target``."""
    if len(codes) <= most:
        return np.arange(len(codes))
    step = max(1, codes.shape[1] // SCREEN_ROWS)
    thin, goal = codes[:, ::step], target[::step]
    worth = np.array([_information(c, goal, classes) for c in thin])
    return np.sort(np.argsort(-worth, kind="stable")[:most])


def _information(code: Codes, target: Codes, classes: int) -> float:
    """Mutual information in nats, less what chance would give (Miller and Madow)."""
    counts = contingency((code >> 2).astype(np.uint8), target, classes)
    rows = counts.sum()
    row, column = counts.sum(1, keepdims=True), counts.sum(0, keepdims=True)
    expected = np.maximum(row * column / rows, 1e-12)
    gain = float((counts * np.log(np.maximum(counts, 1e-12) / expected)).sum()) / rows
    spare = int((counts > 0).sum() - (row > 0).sum() - (column > 0).sum()) + 1
    return float(gain - spare / (2 * float(rows)))
