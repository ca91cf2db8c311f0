"""Waiting for processes to go away."""

import time

import psutil


def gone_within(pid, seconds):
    """Whether a process has ended (and been reaped) in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if psutil.Process(pid).status() == psutil.STATUS_ZOMBIE:
                return True
        except psutil.NoSuchProcess:
            return True
        time.sleep(0.02)
    return False
