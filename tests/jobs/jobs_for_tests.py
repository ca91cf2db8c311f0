"""Functions that the tests run as jobs. They import nothing heavy: a worker must start fast."""

import ctypes
import logging
import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

from core.errors import InvalidInput


def double(payload, progress):
    progress.stage("fit")
    progress.step(1, 1, "all of it")
    return {"doubled": payload * 2}


def sleep(seconds, progress):
    progress.stage("fit")
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        progress.step(0, 1)
        time.sleep(0.05)
    return {}


def sleep_deaf(seconds, progress):
    """Ignores SIGTERM and never asks its progress."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    progress.stage("fit")
    time.sleep(seconds)
    return {}


def with_child(seconds, progress):
    """Starts a process of its own, which ignores SIGTERM, and says which."""
    code = f"import signal,time; signal.signal(15, signal.SIG_IGN); time.sleep({seconds})"
    child = subprocess.Popen([sys.executable, "-c", code])
    time.sleep(0.3)
    progress.stage("fit")
    progress.step(0, 1, f"child {child.pid}")
    time.sleep(seconds)
    return {}


def epochs(count, progress):
    progress.stage("fit")
    for epoch in range(count):
        progress.step(epoch + 1, count, "training", {"epoch": epoch, "loss": 1 / (epoch + 1)})
    return {}


def environment(names, progress):
    values = {name: os.environ.get(name) for name in names}
    modules = sorted(name for name in sys.modules if "." not in name)
    return {"values": values, "modules": modules, "nice": os.nice(0), "main": main_file()}


def core_limit(payload, progress):
    return {"bytes": resource.getrlimit(resource.RLIMIT_CORE)}


def main_file():
    return getattr(sys.modules["__main__"], "__file__", None)


def fail_for_the_user(payload, progress):
    raise InvalidInput("Column `age` has no values. Leave it out.")


def fail_with_a_value(payload, progress):
    try:
        {}[payload]
    except KeyError as error:
        raise ValueError(f"cannot use {payload}") from error


def fail_inside_core(payload, progress):
    from core.settings import Settings

    Settings.from_environment(payload)


def out_of_memory(payload, progress):
    raise MemoryError


def exit_at_once(status, progress):
    os._exit(status)


def leave(status, progress):
    sys.exit(status)


def crash(payload, progress):
    ctypes.string_at(0)


def eat(mebibytes, progress):
    held = []
    for number in range(mebibytes // 16):
        held.append(b"x" * (16 * 2**20))
        progress.step(number, mebibytes // 16)
        time.sleep(0.02)
    time.sleep(20)
    return {}


def give_what_cannot_be_pickled(payload, progress):
    return {"function": lambda: None}


def log(payload, progress):
    logging.getLogger("core.synthesis").info("fitted column %s", "age")
    logging.getLogger("elsewhere").warning("a value: %s", payload)
    sys.stderr.write(payload)
    return {}


def write_marker(path, progress):
    with Path(path).open("a") as file:
        file.write("x")
    return {}
