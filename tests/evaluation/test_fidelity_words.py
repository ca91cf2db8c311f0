"""The words of measures come from the docstrings of the code, and so does the documentation."""

import pytest

from core.evaluation.explained import explained
from core.evaluation.words import MEASURES
from scripts.fidelity_measures import FILE, with_measures


def test_a_docstring_becomes_words():
    def take(real, other):
        """How far ``real`` is from the other.

        Computed: by counting,
        over two lines.
        Good: 0.
        Misleads: often; see Good.

        ``real`` are rows.
        """

    words = explained("Title", take, chance="guessing", percent=True)
    assert words.title == "Title"
    assert words.meaning == "How far real is from the other."
    assert words.computed == "By counting, over two lines."
    assert words.reading == "0."
    assert words.misleads == "Often; see Good."
    assert (words.chance, words.percent) == ("guessing", True)


def test_without_a_docstring_there_are_no_words():
    assert explained("Title", lambda: None).computed == ""


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_is_explained_in_full(name):
    words = MEASURES[name]
    for text in (words.title, words.meaning, words.reading, words.computed, words.misleads):
        assert text
    assert words.meaning.endswith((".", "?"))
    assert words.computed.endswith(".")
    assert words.misleads.endswith(".")


def test_the_documentation_says_what_the_code_says():
    text = FILE.read_text(encoding="utf-8")
    assert with_measures(text) == text, "Run: python scripts/fidelity_measures.py"
