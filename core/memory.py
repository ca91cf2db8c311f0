"""How much memory this process has used."""

import resource
import sys


def peak_memory_mb() -> float:
    """Most resident memory that this process has had, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return round(peak / unit, 1)
