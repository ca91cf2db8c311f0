"""Columns of labels as cells: from yes and no to tens of thousands of labels.

Common labels are classes of their own. The others share classes with labels that are alike, by
the mean of the earlier column of numbers that tells them apart best, so that the cost of a tree
stays bounded and a rare label is tied to a group of rows and never to a few.
"""

import numpy as np
import pandas as pd

from core.data.schema import Column
from core.synthesis.forest.cells import MAX_CLASSES, Cells, Codes, Floats, Ints
from core.synthesis.forest.columns import Coder, Grid

OWN_CLASS = 170
SHARED_CLASSES = 64
COVER = 0.9


def number_labels(values: pd.Series) -> tuple[tuple[str, ...], Ints]:
    """Distinct labels, commonest first and then by name, and the number of each row's (-1)."""
    codes, found = pd.factorize(values, use_na_sentinel=True)
    names = [str(label) for label in found]
    counts = np.bincount(codes[codes >= 0], minlength=len(names))
    order = sorted(range(len(names)), key=lambda i: (-counts[i], names[i]))
    rank = np.full(len(names) + 1, -1, np.int64)
    rank[order] = np.arange(len(names))
    return tuple(names[i] for i in order), rank[codes]


def replace_rare(number: Ints, protect: int, rng: np.random.Generator) -> Ints:
    """Give rows with a label seen fewer than ``protect`` times a common one, at random.

    Where common labels cover less than nine tenths of the column, all labels are kept: without
    them the column would be empty.
    """
    counts = np.bincount(number[number >= 0])
    common = int((counts >= protect).sum())
    if not common or counts[:common].sum() < COVER * counts.sum():
        return number
    rare = np.flatnonzero(number >= common)
    share = np.cumsum(counts[:common]) / counts[:common].sum()
    number = number.copy()
    number[rare] = np.minimum(np.searchsorted(share, rng.random(len(rare))), common - 1)
    return number


def label_cells(number: Ints, features: Codes) -> tuple[Cells, Ints]:
    """Cells of a column of labels, and the cell of each row.

    The cells are the labels and, after them, the missing value where it occurs. ``features`` are
    the codes of earlier columns of numbers (columns x rows).
    """
    labels = int(number.max()) + 1
    cell = np.where(number < 0, labels, number)
    mass = np.bincount(cell).astype(np.float64)
    group = np.arange(len(mass))
    if labels >= MAX_CLASSES:
        light = np.argsort(_score(cell, mass, features)[OWN_CLASS:labels], kind="stable")
        weight = mass[OWN_CLASS:labels][light]
        part = (np.cumsum(weight) - weight) * SHARED_CLASSES // weight.sum()
        group[OWN_CLASS + light] = OWN_CLASS + np.unique(part, return_inverse=True)[1]
        group[labels:] = group[:labels].max() + 1
    place = np.arange(len(mass), dtype=np.float64)
    return Cells(mass, place, place, group.astype(np.int32)), cell


def label_coder(column: Column, labels: tuple[str, ...], cells: Cells) -> Coder:
    """The coder of a column of labels."""
    codes = cells.group.astype(np.uint8)
    if len(codes) == len(labels):
        codes = np.append(codes, codes[:1])
    return Coder(column, np.zeros(0), np.nan, np.nan, Grid(), labels, codes)


def _score(cell: Ints, mass: Floats, features: Codes) -> Floats:
    """The mean of the feature that differs most between labels, pulled to the middle."""
    best, score = 0.0, np.arange(len(mass), dtype=np.float64)
    for code in features.astype(np.float64):
        centred = code - code.mean()
        sums = np.bincount(cell, centred, minlength=len(mass))
        between = (sums**2 / np.maximum(mass, 1)).sum()
        spread = (centred**2).sum()
        chance = spread * len(mass) / len(cell)
        if spread > 0 and (between - chance) / spread > best + 1e-9:
            best, score = (between - chance) / spread, sums / (mass + 3)
    return score
