"""The peak of memory is that of the program itself, and of all its time."""

import subprocess
import sys

import pytest

from core.memory import forget_peak, peak_memory_mb, recent_peak_mb

TELL = "from core.memory import peak_memory_mb; print(peak_memory_mb())"
LARGE = f"""
import subprocess, sys
held = b"1" * 300 * 1024**2
subprocess.run([sys.executable, "-c", {TELL!r}], check=True)
"""

needs_proc = pytest.mark.skipif(recent_peak_mb() is None, reason="the system does not tell")


@needs_proc
def test_what_started_the_process_does_not_count():
    done = subprocess.run([sys.executable, "-c", LARGE], capture_output=True, text=True, check=True)
    assert float(done.stdout) < 150


@needs_proc
def test_the_whole_peak_outlasts_forgetting():
    held = b"1" * 200 * 1024**2
    before = peak_memory_mb()
    del held
    if not forget_peak():
        pytest.skip("the system does not forget")
    assert peak_memory_mb() > before - 10
    recent = recent_peak_mb()
    assert recent is not None
    assert recent < before - 100
