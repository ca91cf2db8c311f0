"""What a run will take, in words: the parts add up to the whole."""

from streamlit.testing.v1 import AppTest


def cost() -> None:
    from app.components.estimate import show_cost
    from core.studio.values import Estimate

    show_cost(Estimate(13.2, "", 450.0, fit_s=0.2, sample_s=0.1, evaluate_s=10.0))


def test_the_start_is_a_part_and_a_moment_is_not_nought():
    said = AppTest.from_function(cost).run().markdown[0].value
    assert "about 13 s (start 3 s, fit under 1 s, sample under 1 s, evaluate 10 s)" in said
