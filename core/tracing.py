"""Errors as logs may keep them: where they happened, never what they say; crashes without a trace.

The text of an exception often quotes the value that caused it. Only classes, files, lines and
function names are kept of one.
"""

import logging
import resource
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

_MOST_CAUSES = 5
_CORE = Path(__file__).parent


def sanitise_logs() -> None:
    """From now on every log record of this process keeps of an exception only its places."""
    make = logging.getLogRecordFactory()

    def sanitised(*arguments: Any, **named: Any) -> logging.LogRecord:
        record = make(*arguments, **named)
        if record.exc_info and record.exc_info[1] is not None:
            record.exc_text = sanitised_traceback(record.exc_info[1])
            record.exc_info = None
        return record

    logging.setLogRecordFactory(sanitised)


def forbid_core_files() -> None:
    """A crash of this process or of its children leaves no file with what was in memory."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def sanitised_traceback(error: BaseException) -> str:
    """Format an error and its causes without their messages and without values."""
    parts: list[str] = []
    for cause in _chain(error):
        parts.append(f"{_class_name(cause)} (its text is left out: it may quote values)")
        for frame in traceback.extract_tb(cause.__traceback__):
            parts.append(f"  {_short(frame.filename)}:{frame.lineno} in {frame.name}")
    return "\n".join(parts)


def where(error: BaseException) -> str:
    """Find the innermost place in ``core`` that the error went through, as ``file:line``."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if Path(f.filename).is_relative_to(_CORE) and not _is_worker(f)]
    if not frames:
        return "an unknown place"
    frame = (ours or frames)[-1]
    return f"{_short(frame.filename)}:{frame.lineno}"


def _is_worker(frame: traceback.FrameSummary) -> bool:
    return Path(frame.filename).parent == _CORE / "jobs"


def _chain(error: BaseException) -> Iterator[BaseException]:
    current: BaseException | None = error
    for _ in range(_MOST_CAUSES):
        if current is None:
            return
        yield current
        hidden = current.__suppress_context__
        current = current.__cause__ or (None if hidden else current.__context__)


def _class_name(error: BaseException) -> str:
    kind = type(error)
    module = "" if kind.__module__ == "builtins" else f"{kind.__module__}."
    return f"{module}{kind.__qualname__}"


def _short(filename: str) -> str:
    """Cut a path down to what follows the project's or the libraries' folder."""
    path = Path(filename)
    if path.is_relative_to(_CORE.parent) and "site-packages" not in path.parts:
        return str(path.relative_to(_CORE.parent))
    for folder in ("site-packages", "dist-packages"):
        if folder in path.parts:
            return "/".join(path.parts[path.parts.index(folder) + 1 :])
    return path.name
