"""The keys of a link as one value a row, also where several columns point together."""

from collections.abc import Mapping

import pandas as pd

from core.data.schema import Relationship


def link_keys(
    tables: Mapping[str, pd.DataFrame], link: Relationship
) -> tuple[pd.Series, pd.Series]:
    """The keys of the parent's and of the child's rows, equal where a row points to another.

    Of one column they are its values; of several a number for each combination, missing where one
    of the values is.
    """
    parents, children = tables[link.parent], tables[link.child]
    if not link.more:
        return parents[link.parent_key], children[link.child_key]
    one, two = parents[list(link.parent_columns)], children[list(link.child_columns)]
    two = two.set_axis(one.columns, axis=1)
    for name in one.columns:
        if one[name].dtype != two[name].dtype:
            one, two = (side.astype({name: "string"}) for side in (one, two))
    both = pd.concat([one, two], ignore_index=True)
    numbers = both.groupby(list(one.columns), sort=False, dropna=False).ngroup().astype("Int64")
    numbers = numbers.mask(both.isna().any(axis=1))
    ahead, behind = numbers.iloc[: len(one)], numbers.iloc[len(one) :]
    return ahead.set_axis(parents.index), behind.set_axis(children.index)
