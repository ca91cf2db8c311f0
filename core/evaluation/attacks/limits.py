"""How much work the attacks do, and how few rows are too few for one."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Effort:
    """For how many rows something is looked for; the searches themselves go over all rows.

    Attributes
    ----------
    closest
        Judged and control rows whose closest real rows are looked for.
    members
        Members, and as many outsiders, whose closest judged rows are looked for.
    guesses
        Targets of linkability and attribute inference, and queries that single out.
    batches
        Batches of a thousand queries that are drawn to find those that single out.
    """

    closest: int
    members: int
    guesses: int
    batches: int


FULL = Effort(closest=3_000, members=5_000, guesses=1_000, batches=150)
"""For the synthetic rows and for fresh real rows."""
LIGHT = Effort(closest=1_000, members=1_500, guesses=300, batches=30)
"""For the verbatim copy, which is far beyond every bound."""
ISOLATION_POOL = 20_000
"""Members, and as many outsiders, of which the most isolated are sought."""
ISOLATION_REFERENCE = 1_000
"""Rows that isolation is measured against."""
ISOLATED_SHARE = 0.01
"""The most isolated share of the records."""
ISOLATED_LEAST = 60
"""Isolated records of members and outsiders together that are needed at least."""
ISOLATED_ENOUGH = 120
"""So many are taken where they are at most a twentieth of the records."""
ISOLATED_MOST_SHARE = 0.10
"""A wider share is not called isolated."""
GUESS_CELLS = 60_000_000
"""Judged rows times targets: targets are fewer beyond."""
SECRETS = 5
"""Columns that attribute inference guesses."""
QUERY_COLUMNS = 3
"""Columns in a query that singles out, as in anonymeter."""
ISOLATED_EACH = 10
"""... of which so many must be of either side."""
DIMENSIONS = 8
"""Principal components in which densities are estimated."""
MIN_ROWS = 50
"""Fewer rows than this on any side give no attack."""
MIN_QUERIES_FOUND = 30
"""Fewer queries than this say nothing of singling out."""
RATE_ROWS = 5
"""Outsiders that must lie above the threshold of a false positive rate."""
