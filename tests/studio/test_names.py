"""Names of what people keep."""

import pytest

from core.errors import InvalidInput
from core.studio.names import checked_name


def test_a_name_is_kept_without_odd_spaces() -> None:
    assert checked_name("  Retail \t bank\n2026 ", "dataset") == "Retail bank 2026"
    assert checked_name("n" * 200, "release") == "n" * 200


@pytest.mark.parametrize("name", ["", " \t\n", "n" * 201])
def test_no_name_and_one_too_long_are_refused(name: str) -> None:
    with pytest.raises(InvalidInput, match="A connection needs a name of 1 to 200"):
        checked_name(name, "connection")
