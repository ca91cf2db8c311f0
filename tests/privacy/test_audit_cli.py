"""``dp-audit`` on the command line: what it answers, how it ends, what it keeps."""

import json

import pytest

from core import cli_audit
from core.privacy.audit import evidence, stored_evidence
from core.synthesis import registry
from tests.privacy import tiny
from tests.test_cli import answer, refusal

SMALL = ("--engine", "tiny", "--runs", "8", "--tables", "1", "--epsilon", "4")


@pytest.fixture(autouse=True)
def tiny_only(monkeypatch, tmp_path):
    """One quick engine, and a place of its own for what is stored."""
    path = tmp_path / "measured.json"
    monkeypatch.setitem(registry.ENGINES, "tiny", tiny.INFO)
    monkeypatch.setattr(cli_audit, "with_evidence", lambda new: evidence.with_evidence(new, path))
    return path


def test_the_answer_is_itemised_and_can_be_kept(capsys, tmp_path, tiny_only):
    out = tmp_path / "found.json"
    found = answer(capsys, "dp-audit", *SMALL, "--store", "--json", out)
    assert found["ok"]
    assert found["broken"] == {}
    (engine,) = found["engines"]
    assert engine["replay"]["holds"]
    assert {one["runs"] for one in engine["evidence"]} == {8, 1}
    assert all("could have seen" in one["sentence"] for one in engine["evidence"])
    assert json.loads(out.read_text()) == found
    assert len(stored_evidence(tiny_only)) == len(engine["evidence"])


def test_a_sham_ends_with_status_one(capsys, tiny_only):
    with pytest.raises(AssertionError):
        answer(capsys, "dp-audit", *SMALL, "--sham", "sigma", "--method", "replay")
    found = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert found["broken"] == {"tiny": ["replay"]}
    assert not tiny_only.exists()


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--sham", "none"), "no sham"),
        (("--method", "none"), "no audit"),
        (("--sham", "sigma", "--store"), "not kept"),
        (("--engine", "none"), "no engine"),
        (("--runs", "1"), "runs"),
    ],
)
def test_what_cannot_be_audited_is_refused(capsys, options, word):
    assert word in refusal(capsys, "dp-audit", *SMALL, *options)
