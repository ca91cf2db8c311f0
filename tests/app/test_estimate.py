"""What a run will take, in words: the parts add up to the whole."""

from streamlit.testing.v1 import AppTest


def cost() -> None:
    from app.components.estimate import show_cost
    from core.studio.values import Estimate

    show_cost(Estimate(13.2, "", 450.0, fit_s=0.2, sample_s=0.1, evaluate_s=10.0))


def test_the_start_is_a_part_and_a_moment_is_not_nought():
    said = AppTest.from_function(cost).run().markdown[0].value
    assert "about 13 s (start 3 s, fit under 1 s, sample under 1 s, evaluate 10 s)" in said


def asks() -> None:
    from app.components.estimate import show_cost, show_estimate
    from core.studio.values import Estimate

    expected = Estimate(
        30.0, "basis", fit_s=8.0, write_s=20.0, language="tiny at llm.house writes the texts"
    )
    show_estimate(expected)
    show_cost(expected)


def test_what_a_language_model_is_asked_is_said_and_timed():
    app = AppTest.from_function(asks).run()
    assert "tiny at llm.house writes the texts" in app.info[0].value
    assert "write texts 20 s" in app.markdown[-1].value
