"""How much is worked, and from where on a number says something at all.

What decides a verdict is in ``core.evaluation.policy``. Its defaults were set beside what known
generators reach on the census table of the benchmark
(pairs .75-.98 under a ceiling of .98; the best private-looking generators nearer-to-training
.50-.54 and membership .50-.51).
"""

MIN_HOLDOUT = 20
"""Fewer holdout rows than this say nothing about similarity or distances."""
MIN_MODEL_ROWS = 50
"""Fewer rows than this on either side train no model."""
MIN_CLASS_ROWS = 5
"""A class with fewer rows in training or holdout is not scored."""
MAX_CLASSES = 20
"""A category or number with more distinct values is no class label."""

QUANTILE_BINS = 20
"""Quantile bins of numbers, as in the benchmark scorer."""
ATOM_SHARE = 0.05
"""A number that so many rows have gets a bin of its own."""
RARE_COUNT = 5
"""Categories with fewer training rows are named "other" in charts."""
CHART_BARS = 15
"""Categories drawn by name."""
CHART_BINS = 30
"""Most bars of a histogram."""

MAX_CELLS = 6_000_000
"""Larger tables are sampled down to so many cells before they are encoded."""
MAX_PAIRS = 500
"""Pairs of columns that are compared; a random choice when there are more."""
TRIPLES = 100
"""Triples of columns that are compared, as in the benchmark scorer."""
ASSOCIATION_COLUMNS = 30
"""Columns in the association matrices."""
ASSOCIATION_ROWS = 50_000
"""Rows that the association matrices are computed from."""
MODEL_CELLS = 1_000_000
"""Cells that a model is trained on: rows are sampled beyond."""
BASE_CELLS = 40_000_000
"""Cells of a matrix in which nearest rows are looked for: rows are sampled beyond."""
DISTANCE_WORK = 1.2e11
"""Multiplications for one search of nearest rows: queries are sampled beyond."""
MAX_QUERIES = 10_000
"""Rows whose nearest rows are looked for."""
MIN_QUERIES = 500
"""The least rows whose nearest rows are looked for, however large the table."""

FIDELITY_NOISE = 0.01
"""A smaller gap to fresh real rows is good whatever the dependencies weigh."""
DEPENDENCE_SIGNAL = 0.03
"""Where fresh real rows beat independent columns by so much, the dependencies are judged too."""
UTILITY_SIGNAL = 0.05
"""Real rows must beat chance by so much for the utility to say anything."""
COLUMN_ALARM = 0.08
"""A column so far behind fresh real rows is named in the suggestions."""
KEY_GOOD = 0.999
"""Share of foreign keys that must point to a parent row."""
