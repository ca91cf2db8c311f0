"""No log of the server quotes what an exception says."""

import io
import logging
from collections.abc import Iterator

import pytest

from core.tracing import sanitise_logs, sanitised_traceback

SECRET = "Wilhelmina Vanderbilt"


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    factory = logging.getLogRecordFactory()
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    logger = logging.getLogger("tracing-test")
    logger.addHandler(handler)
    logger.propagate = False
    yield stream
    logger.removeHandler(handler)
    logging.setLogRecordFactory(factory)


def fail() -> None:
    try:
        float(SECRET)
    except ValueError as error:
        raise KeyError(SECRET) from error


def test_a_logged_exception_keeps_its_places_only(log: io.StringIO) -> None:
    sanitise_logs()
    try:
        fail()
    except KeyError as error:
        logging.getLogger("tracing-test").error("it failed", exc_info=error)
    text = log.getvalue()
    assert "it failed" in text
    assert "KeyError" in text
    assert "ValueError" in text
    assert "test_tracing.py" in text
    assert "in fail" in text
    assert SECRET not in text


def test_records_without_an_exception_are_as_they_were(log: io.StringIO) -> None:
    sanitise_logs()
    logging.getLogger("tracing-test").warning("%d rows", 3)
    assert log.getvalue() == "3 rows\n"


def test_a_traceback_names_causes_without_their_text() -> None:
    try:
        fail()
    except KeyError as error:
        text = sanitised_traceback(error)
    assert text.index("KeyError") < text.index("ValueError")
    assert SECRET not in text
