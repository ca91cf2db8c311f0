"""Attacks that count every value: the count stands where the outcome rests on it."""

from dataclasses import replace

import pytest

from app.components.attacks import attack_frame, attack_track, attack_words
from core.evaluation.attacks.judging import overall, report
from core.evaluation.attacks.registry import ATTACKS
from core.evaluation.attacks.sides import exact_trial
from core.evaluation.bounds import Bounds
from core.evaluation.counted import counted, rests_on_count
from core.evaluation.dials import dials_of
from core.evaluation.pdf_tracks import attack_line
from core.evaluation.policy import EvaluationPolicy
from tests.app.test_results import report_of
from tests.evaluation.detailed import attack


def judged(hits: int, of: int, name: str = "rare_values"):
    synthetic = exact_trial((hits, of), (0, of), {})
    copy = exact_trial((of, of), (0, of), {})
    fresh = exact_trial((0, of), (0, of), {})
    return report(ATTACKS[name], Bounds(0.05, 0.1), synthetic, copy, fresh)


@pytest.fixture
def none():
    return judged(0, 12)


def test_where_nothing_occurs_again_the_count_stands_for_the_interval(none) -> None:
    assert none.outcome == "pass"
    assert none.high > none.fail_at
    assert counted(none) == "0 of 12 rare values"
    assert rests_on_count(none)
    assert "all counted: 0 of 12 rare values" in attack_words(none)
    assert "interval" not in attack_words(none)
    assert attack_frame([none])["95 % interval or count"][0] == "0 of 12"
    assert attack_track(none).interval is None
    assert "(0 of 12 rare values)" in attack_line(none)


def test_where_many_occur_again_the_interval_stays() -> None:
    many = judged(9, 12)
    assert counted(many) == "9 of 12 rare values"
    assert not rests_on_count(many)
    assert "95 % interval" in attack_words(many)
    assert attack_track(many).interval is not None


def test_other_attacks_have_no_count() -> None:
    other = attack("membership", "pass")
    assert counted(other) == ""
    assert not rests_on_count(other)


def test_one_rare_value_does_not_make_the_dial_read_like_a_copy(reports_table) -> None:
    one, many = judged(1, 1), judged(40, 40)
    dials = [_privacy(reports_table, found) for found in (one, many)]
    assert dials[0].value > 0.5
    assert dials[1].value == 0.0
    assert "(40 of 40 rare values)" in dials[1].sentence


@pytest.fixture(scope="module")
def reports_table():
    return report_of("fresh").tables[0]


def _privacy(table, found):
    detail = overall([found], ())
    return dials_of(replace(table, privacy=detail), EvaluationPolicy())[2]
