"""How much memory this process has used.

Linux tells the peak of the program that runs (``VmHWM``). What ``getrusage`` tells is more: a
program starts there with the peak of the process that started it.
"""

import resource
import sys
from dataclasses import dataclass
from pathlib import Path


@dataclass(slots=True)
class _Forgotten:
    """The peak in MiB of before it was forgotten."""

    mib: float = 0.0


_forgotten = _Forgotten()


def forget_peak() -> bool:
    """Let :func:`recent_peak_mb` count from now; False where the system cannot."""
    peak = peak_memory_mb()
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return False
    _forgotten.mib = peak
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
    recent = recent_peak_mb()
    if recent is not None:
        return max(recent, _forgotten.mib)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    unit = 1024**2 if sys.platform == "darwin" else 1024
    return round(peak / unit, 1)
