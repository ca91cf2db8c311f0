"""How much work the attacks do, and how few rows are too few for one."""

CLOSEST_QUERIES = 3_000
"""Judged and control rows whose closest real rows are looked for."""
MEMBER_QUERIES = 5_000
"""Members, and as many outsiders, whose closest judged rows are looked for."""
ISOLATION_POOL = 20_000
"""Members, and as many outsiders, of which the most isolated are sought."""
ISOLATION_REFERENCE = 1_000
"""Rows that isolation is measured against."""
ISOLATED_SHARE = 0.01
"""The most isolated share of the records."""
ISOLATED_LEAST = 30
"""Isolated records of members and outsiders together that are needed at least."""
ISOLATED_MOST_SHARE = 0.05
"""A wider share is not called isolated."""
GUESSES = 500
"""Targets of linkability, attribute inference and singling out, as in anonymeter."""
GUESS_CELLS = 60_000_000
"""Judged rows times targets: targets are fewer beyond."""
SECRETS = 5
"""Columns that attribute inference guesses."""
QUERY_COLUMNS = 3
"""Columns in a query that singles out, as in anonymeter."""
QUERY_BATCHES = 12
"""Batches of a thousand queries that are tried."""
DIMENSIONS = 8
"""Principal components in which densities are estimated."""
MIN_ROWS = 50
"""Fewer rows than this on any side give no attack."""
MIN_QUERIES_FOUND = 30
"""Fewer queries than this say nothing of singling out."""
RATE_ROWS = 5
"""Outsiders that must lie above the threshold of a false positive rate."""
EXTREME_GROUP = 5
"""An extreme that so many training rows share is no person's."""
