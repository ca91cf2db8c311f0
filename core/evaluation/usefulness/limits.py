"""How much work the utility in full takes, and from how many rows on something is said.

Set so that one target of a table of 50,000 rows and 15 columns takes some 20 CPU seconds.
"""

TRAIN_ROWS = 15_000
"""Rows that one model is trained on, at most; twice as many for real and synthetic together."""
MANY_CLASSES = 4
"""With more classes than this, models are trained on fewer rows."""
MANY_CLASSES_ROWS = 10_000
"""Rows that one model of many classes is trained on, at most."""
TRAIN_CELLS = 300_000
"""The same in cells, for wide tables."""
LEAST_ROWS = 1_000
"""No cap goes below so many rows."""
HOLDOUT_ROWS = 20_000
"""Holdout rows that models are tested on, at most."""
HOLDOUT_CELLS = 1_500_000
"""The same in cells, for wide tables."""
RESAMPLES = 20
"""Draws of the holdout, for the part of an interval that comes from it."""

TREES = 40
"""Trees of a forest."""
TREE_ROWS = 8_000
"""Rows that each tree of a forest draws of those it is given, at most."""
LEAF_ROWS = 5
"""The least training rows in a leaf of a forest."""
FOREST_BINS = 255
"""Quantile bins in which a forest sees a number."""
EDGE_ROWS = 20_000
"""Training rows that these bins are drawn from, at most."""
BOOST_LEAVES = 15
"""Leaves of a tree of boosting."""
BOOST_ROUNDS = 100
"""Rounds of boosting for numbers and two classes, scikit-learn's default."""
BOOST_TREES = 200
"""Trees of boosting for more than two classes: every round grows one for each class."""
LEAST_ROUNDS = 20
"""Rounds of boosting, however many classes there are."""
ONE_HOT_LEVELS = 20
"""Most frequent levels of a category that the linear model sees, each as a column of its own."""
ONE_HOT_COLUMNS = 400
"""Such columns of a whole table, at most."""
LINEAR_STEPS = 80
"""Steps of the logistic regression."""

IMPORTANCE_ROWS = 2_000
"""Holdout rows on which columns are shuffled."""
IMPORTANCE_CELLS = 200_000
"""The same in cells, for wide tables."""
SHUFFLED_CELLS = 2_000_000
"""Cells of shuffled copies that are predicted at once: one call costs more than its rows."""
LEAST_IMPORTANCE_ROWS = 300
"""No cap of these goes below so many rows."""
IMPORTANCE_COLUMNS = 60
"""Columns that are shuffled; those most associated with the target when there are more."""
LEAST_AGREEMENT = 3
"""Columns that a rank correlation of importances needs."""

GROUP_ROWS = 30
"""A group with fewer holdout rows is counted with the others."""
GROUP_CASES = 10
"""A rate within a group needs so many rows of the class."""
GROUP_LEVELS = 20
"""A column with more values is no column of groups unless it is asked for."""
GROUP_QUARTERS = 4
"""Ranges that a number with many values is cut into when it is asked for."""
AUTO_SENSITIVE = 5
"""Columns of groups that are taken without being asked for."""
