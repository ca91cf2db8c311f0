"""What this process has used of memory, and that nothing of its memory is written to disk."""

import resource
import sys


def forbid_core_files() -> None:
    """A crash of this process or of its children leaves no file with what was in memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def peak_memory_mb() -> float:
    """Most resident memory that this process has had, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return round(peak / unit, 1)
