"""The README says what the code does."""

from pathlib import Path

from scripts.readme_settings import with_table

README = Path(__file__).parent.parent / "README.md"


def test_the_configuration_table_is_the_settings() -> None:
    text = README.read_text(encoding="utf-8")
    assert with_table(text) == text, "Run: python scripts/readme_settings.py"
