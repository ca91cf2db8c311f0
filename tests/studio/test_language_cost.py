"""What is expected of a language model: seconds of past runs that asked it, else a named guess."""

from types import SimpleNamespace

import pytest

from core.assistant import LanguageAccess
from core.data.texts.written import least_questions
from core.studio.language_cost import GUESSED_QUESTION_S, with_language
from core.studio.values import Estimate

ACCESS = LanguageAccess("openai", "tiny", "http://llm.house/v1", False, "", 60.0, 1000)
ALONE = Estimate(10.0, "from small tables", fit_s=8.0)


def past(seconds: float, questions: int, model: str = ACCESS.name) -> SimpleNamespace:
    written = [{"model": model, "questions": questions}]
    return SimpleNamespace(result={"write_s": seconds, "written": written})


@pytest.mark.parametrize(
    ("rows", "long", "least"), [(10_000, 0, 12), (10_000, 500, 30), (10, 0, 1), (40, 9_000, 14)]
)
def test_the_fewest_questions_fill_the_pool(rows: int, long: int, least: int) -> None:
    assert least_questions(rows, long) == least


def test_questions_take_what_they_took_in_past_runs_of_the_same_model() -> None:
    runs = [past(20.0, 10), past(40.0, 10), past(30.0, 10), past(9_000.0, 10, "other")]
    found = with_language(ALONE, ACCESS, 5, "said", runs)
    assert (found.seconds, found.write_s, found.language) == (25.0, 15.0, "said")
    assert "as past runs took" in found.basis


def test_without_a_past_run_it_is_called_a_guess() -> None:
    found = with_language(ALONE, ACCESS, 5, "said", [past(1.0, 1, "other")])
    assert found.write_s == 5 * GUESSED_QUESTION_S
    assert "guessed at 10 s each" in found.basis


def test_nothing_is_added_where_nothing_is_asked() -> None:
    assert with_language(ALONE, ACCESS, 0, "", []) is ALONE
    assert with_language(ALONE, None, 5, "", []) is ALONE
