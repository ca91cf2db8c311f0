"""What a control of another size would have shown of queries that single out.

A query that meets each row with chance w singles out in n rows with chance n·w·(1 − w)ⁿ⁻¹ (Cohen
and Nissim, 2020), so that a control smaller than the training rows cannot be compared as it is.
How many control rows the queries meet tells how w is spread: counts of rare events whose rate
follows a gamma distribution are negative binomial, for any number of rows. Fitted by its two
moments, it gives the share of queries that would meet exactly one of as many rows as there are
training rows.

The package anonymeter fits a uniform spread of w to the growth within the control instead. On
tables of known answer (no leak at all, control of a quarter of the size) that gave a third to a
half of the true rate, and a risk where there was none.
"""

from math import exp

import numpy as np
import numpy.typing as npt

_SAME = 0.02


def single_rate(met: npt.NDArray[np.int64], control: int, train: int) -> float:
    """Share of queries that would meet exactly one of ``train`` rows.

    Parameters
    ----------
    met
        How many of the ``control`` rows each query meets.
    control, train
        Numbers of rows. Where they hardly differ, the share is simply counted.
    """
    if abs(train / control - 1) <= _SAME:
        return float((met == 1).mean())
    mean, spread = float(met.mean()), float(met.var())
    expected = mean * train / control
    if spread <= mean * (1 + 1e-6):
        return expected * exp(-expected)
    shape = mean**2 / (spread - mean)
    return float(expected * (1 + expected / shape) ** -(shape + 1))
