"""Texts of a run that a language model writes: from the review to the release, with a server."""

import json
import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from core.data.schema import WrittenText
from core.errors import InvalidInput, InvalidParameter
from core.governance.policy import UserRole
from core.studio import submitting, writing
from core.studio.estimating import START_S
from core.studio.texts import TextModel
from core.studio.values import Contest, Dataset, Purpose, Run, RunSpec, RunState
from core.synthesis.registry import ENGINES
from tests.language_server import KEY, Language, Reply, language_server
from tests.studio.inline import inline
from tests.studio.office import Office
from tests.test_cli_texts import RARE, fresh, table

ASKED = WrittenText("What nurses note", beside="ward")
QUICK = RunSpec(depth="quick", seed=2)


class House:
    """An office with a language model whose answers can be changed."""

    def __init__(self) -> None:
        self.says = fresh
        self.server: Language
        self.office: Office
        self.dataset: Dataset

    def asked(self, written: WrittenText | None = ASKED) -> None:
        texts, worker = self.office.studio.texts, self.office.worker
        said = {} if written is None else {"note": written}
        texts.choose(worker, self.dataset.id, "notes", [], said)

    def run(self, spec: RunSpec = QUICK) -> Run:
        studio, worker = self.office.studio, self.office.worker
        with inline(self.office):
            run = studio.runs.submit(worker, self.dataset.id, spec)
        return studio.runs.get(worker, run.id)

    def notes(self, run: Run):
        made = self.office.studio.runs.synthetic(self.office.worker, run.id, "notes", 1_000)
        return made.reset_index(drop=True)


@pytest.fixture(scope="module")
def open_house(tmp_path_factory) -> Iterator[House]:
    house, home = House(), tmp_path_factory.mktemp("house")
    with language_server(lambda prompt: house.says(prompt)) as server:
        house.server = server
        url = {"llm_provider": "openai", "llm_model": "tiny", "llm_url": server.url}
        house.office = Office.open(home / "studio", **url, llm_tokens=20_000)
        found = house.office.reviewed(table(home), "Notes")
        studio = house.office.studio
        house.dataset = studio.datasets.get(house.office.worker, found.id)
        yield house
        studio.close()


@pytest.fixture
def house(open_house: House, monkeypatch) -> House:
    monkeypatch.setenv("STUDIO_LLM_KEY", KEY)
    open_house.says = fresh
    open_house.server.asked.clear()
    open_house.asked()
    return open_house


def test_a_run_has_texts_written_that_fit_the_row(house: House) -> None:
    run = house.run()
    assert run.state is RunState.DONE, run.error
    made = house.notes(run)
    assert (made["note"].str.split().str[0] == made["ward"]).all()
    (told,) = run.result["written"]
    assert told["model"] == f"tiny at 127.0.0.1:{house.server.port}"
    assert told["texts"] >= 20
    report = house.office.studio.runs.report(house.office.worker, run.id)
    (note,) = [note for note in report.tables[0].notes if "tiny" in note]
    assert f"{told['texts']} that tiny" in note
    assert told["prompt"] in note


def test_what_is_sent_holds_nothing_of_the_texts(house: House) -> None:
    house.run()
    sent = house.server.words
    real = house.office.studio.datasets.rows(house.office.worker, house.dataset.id, "notes", 400)
    assert len(house.server.asked) > 3
    assert not any(text in sent for text in real["note"])
    words = {word for text in real["note"] for word in re.findall(r"\w+", text) if len(word) > 4}
    assert RARE in words
    assert not words & set(re.findall(r"\w+", sent))


def test_sampling_again_asks_nobody_and_gives_the_same_bytes(house: House) -> None:
    first = house.run()
    asked = len(house.server.asked)
    again = replace(first.again, seed=first.spec.seed)
    runs = [house.run(again), house.run(again)]
    assert len(house.server.asked) == asked
    hashes = {run.result["content_hash"] for run in (first, *runs)}
    assert len(hashes) == 1
    assert runs[0].result["written"] == first.result["written"]


def test_the_audit_and_the_lineage_name_the_model_and_no_text(house: House) -> None:
    run = house.run()
    office = house.office
    auditor = office.actors[UserRole.AUDITOR]
    entry = office.studio.audit.search(auditor, action="run.end", text=run.id)[0]
    (told,) = run.result["written"]
    counts = {name: told[name] for name in ("texts", "questions", "tokens")}
    assert entry.details == {"state": "done", "language_model": told["model"], **counts}
    queued = office.studio.audit.search(auditor, action="run.submit")[0]
    assert queued.details["run"] == run.id
    assert queued.details["language_model"] == told["model"]
    assert queued.details["written"] == 1
    decided = office.studio.audit.search(auditor, action="dataset.decide")[0]
    assert decided.details["written"] == 1
    assert decided.details["language_model"] == told["model"]
    release = office.studio.releases.create(office.worker, run.id, "Notes")
    edges = office.studio.releases.lineage(office.worker, release.id)
    assert f"texts written by {told['model']}" in [edge.label for edge in edges]


def test_the_audit_of_a_model_that_is_sampled_again_counts_no_questions(house: House) -> None:
    first = house.run()
    again = house.run(replace(first.again, seed=first.spec.seed))
    audit, auditor = house.office.studio.audit, house.office.actors[UserRole.AUDITOR]
    ended = audit.search(auditor, action="run.end", text=again.id)[0].details
    (told,) = again.result["written"]
    assert ended == {"state": "done", "language_model": told["model"], "texts": told["texts"]}
    assert "language_model" not in audit.search(auditor, action="run.submit")[0].details


def test_the_key_is_nowhere(house: House, caplog) -> None:
    def says(prompt: str) -> object:
        return fresh(prompt) if len(house.server.asked) < 3 else Reply(403, KEY.encode())

    house.says = says
    run = house.run()
    auditor = house.office.actors[UserRole.AUDITOR]
    entries = house.office.studio.audit.search(auditor)
    said = [run, entries, house.server.words, caplog.text]
    said.append(house.office.studio.runs.log(house.office.worker, run.id))
    assert KEY not in repr(said)
    files = [path for path in house.office.home.rglob("*") if path.is_file()]
    assert len(files) > 5
    assert not any(KEY.encode() in path.read_bytes() for path in files)


def test_what_the_worker_is_handed_has_no_key(house: House) -> None:
    settings = replace(house.office.studio._context.settings, llm_key=KEY)
    access = writing.access_for(
        settings,
        house.office.studio.datasets.get(house.office.worker, house.dataset.id).schema,
        QUICK,
    )
    assert access is not None
    assert KEY not in repr(access)
    assert KEY not in str([getattr(access, name) for name in access.__slots__])


def test_a_training_text_never_comes_out(house: House) -> None:
    real = house.office.studio.datasets.rows(house.office.worker, house.dataset.id, "notes", 400)
    repeated = list(real["note"])
    house.says = lambda prompt: json.dumps([*repeated[:50], *json.loads(fresh(prompt))])
    run = house.run()
    assert run.result["written"][0]["refused"]["a training text"] > 20
    # Texts of the holdout were never seen, so that nothing can be known of them.
    known = run.result["holdout_rows"]["notes"]
    assert len(set(house.notes(run)["note"]) & set(repeated)) <= known


@pytest.mark.parametrize(
    ("says", "why"),
    [
        (lambda prompt: "Certainly! 1. One text", "Only 0 texts came"),
        (lambda prompt: '{"texts": ["one"]}', "Only 0 texts came"),
        (lambda prompt: "[1, 2, 3]", "Only 0 texts came"),
    ],
)
def test_nonsense_becomes_plain_words(house: House, says, why: str) -> None:
    house.says = says
    run = house.run()
    assert run.state is RunState.DONE
    assert why in run.result["written"][0]["why"]
    assert "grow here" not in " ".join(house.notes(run)["note"])


def test_a_model_that_does_not_answer_ends_the_run_before_the_fit(house: House) -> None:
    house.says = lambda prompt: Reply(401)
    run = house.run()
    assert run.state is RunState.FAILED
    assert "did not take the key (401)" in run.error
    assert len(house.server.asked) == 1


def test_a_model_that_goes_away_leaves_what_it_wrote(house: House) -> None:
    def says(prompt: str) -> object:
        return fresh(prompt) if len(house.server.asked) < 5 else Reply(404)

    house.says = says
    run = house.run()
    (told,) = run.result["written"]
    assert told["texts"] >= 20
    assert "(404)" in told["why"]


def test_the_tokens_of_a_run_are_bounded(house: House, monkeypatch) -> None:
    context = house.office.studio.runs._context
    few = replace(context, settings=replace(context.settings, llm_tokens=450))
    monkeypatch.setattr(house.office.studio.runs, "_context", few)
    run = house.run()
    assert len(house.server.asked) == 4
    assert "used up" in run.result["written"][0]["why"]


def test_a_contest_asks_for_its_winner_alone(house: House, monkeypatch) -> None:
    other = replace(ENGINES["forest"], name="copula")
    monkeypatch.setitem(ENGINES, "copula", other)
    contest = Contest(("forest", "copula"))
    run = house.run(replace(QUICK, purpose=Purpose.CONTEST, contest=contest))
    assert run.state is RunState.DONE, run.error
    assert house.notes(run)["note"].str.contains("grow here").all()
    asked = len(house.server.asked)
    assert asked == 1 + run.result["written"][0]["questions"]
    again = house.run(run.again)
    assert house.notes(again)["note"].str.contains("grow here").all()
    assert len(house.server.asked) == asked


def test_a_preview_asks_nobody(house: House) -> None:
    made = house.office.studio.runs.preview(house.office.worker, house.dataset.id, QUICK)
    assert not made["notes"]["note"].str.contains("grow here").any()
    assert house.server.asked == []


def test_an_engine_with_a_formal_guarantee_asks_nobody(house: House) -> None:
    private = replace(QUICK, engine="mst", params={"epsilon": 1.0, "delta": 1e-6}, accepted=True)
    assert writing.columns_to_write(schema_of(house), private) == ()
    assert (
        writing.access_for(house.office.studio._context.settings, schema_of(house), private) is None
    )
    assert writing.columns_to_write(schema_of(house), QUICK) == ("notes.note",)


def schema_of(house: House):
    return house.office.studio.datasets.get(house.office.worker, house.dataset.id).schema


def test_without_a_language_model_no_run_starts_and_it_is_said_what_to_do(
    house: House, monkeypatch
) -> None:
    context = house.office.studio.runs._context
    off = replace(context, settings=replace(context.settings, llm_provider=""))
    monkeypatch.setattr(house.office.studio.runs, "_context", off)
    with pytest.raises(InvalidParameter, match=r"notes\.note are to be written.*STUDIO_LLM"):
        house.run()


def test_a_model_that_was_taken_away_while_a_run_waited_ends_it(house: House, monkeypatch) -> None:
    monkeypatch.setattr(submitting, "access_for", lambda *about: None)
    run = house.run()
    assert run.state is RunState.FAILED
    assert "this studio has none" in run.error
    settings = replace(house.office.studio._context.settings, llm_model="")
    assert writing.access_for(settings, schema_of(house), QUICK) is None


def test_the_model_is_named_or_why_there_is_none(house: House, monkeypatch) -> None:
    texts = house.office.studio.texts
    assert texts.model() == TextModel(f"tiny at 127.0.0.1:{house.server.port}")
    settings = texts._context.settings
    for change, said in (
        ({"llm_provider": ""}, "is empty"),
        ({"llm_model": ""}, "must name a model"),
    ):
        context = replace(texts._context, settings=replace(settings, **change))
        with monkeypatch.context() as patch:
            patch.setattr(texts, "_context", context)
            assert not texts.model().name
            assert said in texts.model().why_not
            with pytest.raises(InvalidInput, match=said):
                house.asked()


@pytest.mark.parametrize(
    ("learned", "written", "said"),
    [
        ([], {"note": WrittenText("  ")}, "Describe column 'note'"),
        ([], {"note": WrittenText("x" * 1_001)}, "1,000 characters"),
        ([], {"note": WrittenText("x", "y" * 61)}, "language of 'note'"),
        ([], {"note": WrittenText("x", beside="points")}, "Possible are: ward"),
        (["note"], {"note": WrittenText("x")}, "either learned or written"),
        ([], {"ward": WrittenText("x")}, "is no free text"),
    ],
)
def test_what_cannot_be_asked(house: House, learned: list, written: dict, said: str) -> None:
    texts, worker = house.office.studio.texts, house.office.worker
    with pytest.raises(InvalidInput, match=said):
        texts.choose(worker, house.dataset.id, "notes", learned, written)


def test_the_estimate_says_who_is_asked_and_counts_their_time(house: House) -> None:
    runs, worker = house.office.studio.runs, house.office.worker
    expected = runs.estimate(worker, house.dataset.id, QUICK)
    assert f"tiny at 127.0.0.1:{house.server.port}" in expected.language
    assert "notes.note" in expected.language
    assert "No text of the table is sent; of ward it is told the labels" in expected.language
    parts = expected.fit_s + expected.write_s + expected.sample_s + expected.evaluate_s
    assert 0 < expected.write_s < expected.seconds
    assert expected.seconds == pytest.approx(parts + START_S)
    house.asked(replace(ASKED, beside=""))
    alone = runs.estimate(worker, house.dataset.id, QUICK).language
    assert alone.endswith("No text of the table is sent, and no other real value.")
    house.asked(None)
    plain = runs.estimate(worker, house.dataset.id, QUICK)
    assert (plain.write_s, plain.language) == (0.0, "")


def test_the_fewest_questions_are_no_more_than_are_asked(house: House) -> None:
    house.asked(replace(ASKED, beside=""))
    said = house.office.studio.runs.estimate(house.office.worker, house.dataset.id, QUICK).language
    (least,) = re.findall(r"at least (\d+) questions", said)
    house.server.asked.clear()
    house.run()
    assert 1 < int(least) <= len(house.server.asked)
