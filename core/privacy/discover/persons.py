"""At most so many rows of each person, before anything else is done with a table.

Which rows of a person stay depends on that person's rows alone, so that a person more or less
changes nothing about the others.
"""

import numpy as np
import numpy.typing as npt
import pandas as pd

from core.data.issued import mixed
from core.privacy.guarantee import Guarantee


def rows_of_persons(frame: pd.DataFrame, guarantee: Guarantee, seed: int) -> npt.NDArray[np.intp]:
    """Positions of the rows that stay, in the order they had.

    Rows without a person are left out, since nobody knows how many of them are one person's. Of a
    person's rows those with the smallest keyed hash of person and place among their own stay.

    Parameters
    ----------
    frame
        Canonical rows, with the person's column where the guarantee names one.
    seed
        Key of the hash; any number that does not come from the data.
    """
    if guarantee.person is None:
        return np.arange(len(frame))
    persons = frame[guarantee.person]
    known = np.flatnonzero(persons.notna().to_numpy())
    labels = persons.iloc[known].astype("string").reset_index(drop=True)
    place = labels.groupby(labels).cumcount().to_numpy()
    names = pd.util.hash_array(labels.to_numpy(dtype=object), categorize=True)
    order = mixed(names ^ mixed(place.astype(np.uint64) + np.uint64(seed % 2**63)))
    rank = pd.Series(order).groupby(labels).rank(method="first").to_numpy()
    kept: npt.NDArray[np.intp] = known[rank <= guarantee.rows_per_person]
    return kept
