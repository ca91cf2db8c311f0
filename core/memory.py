"""How much memory this process has used."""

import resource
import sys
from pathlib import Path


def forget_peak() -> bool:
    """Let :func:`recent_peak_mb` count from now; False where the system cannot."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return False
    return True


def recent_peak_mb() -> float | None:
    """Most resident memory since :func:`forget_peak`, in MiB; None where it cannot be told."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return None
    found = next((line for line in lines if line.startswith("VmHWM:")), None)
    return round(int(found.split()[1]) / 1024, 1) if found else None


def peak_memory_mb() -> float:
    """Most resident memory that this process has had, in MiB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return round(peak / unit, 1)
