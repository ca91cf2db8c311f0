"""Several engines on the same rows: the best that keeps privacy wins; what finished is kept."""

from dataclasses import replace

import numpy as np
import pytest

from core.data.vault import Vault
from core.errors import Conflict, InvalidParameter, JobCancelled
from core.evaluation.measures import NotMeasured
from core.jobs import Cancelled, Failed, Started
from core.plugins import Kind, Part, Plugin
from core.store.tables import RunRow
from core.studio import contest as contest_module
from core.studio.candidates import WEIGHTS, Tried, ranked, why_first
from core.studio.recovery import interrupt_unfinished
from core.studio.stored import finished_candidates
from core.studio.values import Contest, Dataset, Purpose, Run, RunSpec, RunState
from tests.studio.failing import failing
from tests.studio.office import Office

pytestmark = pytest.mark.usefixtures("pool")

ROWS = {"people": 90}
QUICK = RunSpec(rows=ROWS, depth="quick")


@pytest.fixture(scope="module")
def people(office: Office, tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    path = tmp_path_factory.mktemp("upload") / "people.csv"
    values = np.random.default_rng(3).normal(50, 9, (240, 3)).round(3)
    rows = [f"{a},{a + b / 9:.3f},{c}" for a, b, c in values]
    path.write_text("points,income,level\n" + "\n".join(rows) + "\n")
    return office.reviewed(path)


def held(office: Office, dataset: Dataset, engines: tuple[str, ...], **changes: object) -> Run:
    spec = replace(QUICK, **changes)
    run = office.studio.contests.submit(office.worker, dataset.id, spec, engines)
    return office.studio.runs.get(office.worker, run.id)


def tried(engine: str, **changes: object) -> Tried:
    made = Tried(engine, 0.9, 0.9, 1.0, "good", "good", 1.0, 0.0, 1.0, 1.0, 100.0, "same")
    return replace(made, **changes)


def test_the_score_is_the_weighted_mean_that_is_stated() -> None:
    (only,) = ranked([tried("a", fidelity=0.8, utility=0.5, privacy=0.9)])
    assert sum(WEIGHTS.values()) == pytest.approx(1)
    assert only.score == pytest.approx(0.5 * 0.8 + 0.35 * 0.5 + 0.15 * 0.9)


def test_the_winner_does_not_hang_on_time() -> None:
    for times in ((1.0, 10.0), (10.0, 1.0)):
        equal = ranked([tried("first", fit_s=times[0]), tried("second", fit_s=times[1])])
        assert [one.engine for one in equal] == ["first", "second"]
        assert "of equal ones, the one that is named first" in why_first(equal)


def test_a_candidate_that_fails_on_privacy_never_wins() -> None:
    copies = tried("copies", fidelity=1.0, utility=1.0, rejected="It fails on privacy.")
    order = ranked([copies, tried("safe", fidelity=0.2)])
    assert [one.engine for one in order] == ["safe", "copies"]
    assert order[1].score > order[0].score
    assert "no other candidate could win" in why_first(order)


def test_a_part_that_one_candidate_lacks_counts_for_none() -> None:
    reason = NotMeasured("Too few rows.")
    order = ranked([tried("a", fidelity=0.99, utility=reason), tried("b", utility=1.0)])
    assert order[0].engine == "a"
    assert order[0].score == pytest.approx((0.5 * 0.99 + 0.15) / 0.65)
    assert "above all by fidelity: 0.990 against 0.900" in why_first(order)


def test_the_winner_makes_the_rows_as_a_run_of_its_own_would(office, people, pool) -> None:
    pool.judges = True
    run = held(office, people, ("copula", "forest"))
    assert run.state is RunState.DONE, run.error
    outcome = office.studio.contests.get(office.worker, run.id)
    assert outcome.winner == run.made_by.engine == outcome.tried[0].engine
    assert {one.engine for one in outcome.tried} == {"copula", "forest"}
    assert f"`{outcome.winner}` has the highest score" in outcome.why
    assert all(0 <= one.score <= 1 and one.cpu_s > 0 for one in outcome.tried)
    assert run.is_judged
    assert office.studio.runs.report(office.worker, run.id)
    pool.judges = False
    alone = office.studio.runs.submit(
        office.worker, people.id, replace(QUICK, engine=outcome.winner, fallback=())
    )
    alone = office.studio.runs.get(office.worker, alone.id)
    assert alone.result["content_hash"] == run.result["content_hash"]
    again = office.studio.runs.sample_again(office.worker, run.id, ROWS)
    assert again.spec.purpose is Purpose.TABLES
    assert office.studio.runs.get(office.worker, again.id).state is RunState.DONE


def test_an_engine_that_fails_is_told_and_the_others_go_on(office, people) -> None:
    with failing("broken", ValueError("person7@example.com")):
        run = held(office, people, ("broken", "copula"))
        assert run.state is RunState.DONE, run.error
        outcome = office.studio.contests.get(office.worker, run.id)
    assert outcome.winner == "copula"
    assert "ValueError" in outcome.failed["broken"]
    assert "person7" not in str(run.result)


def test_when_no_candidate_keeps_privacy_there_is_no_result(office, people, monkeypatch) -> None:
    monkeypatch.setattr(contest_module, "rejected", lambda report: "It fails on privacy: copies.")
    run = held(office, people, ("copula", "forest"), seed=5)
    assert run.state is RunState.FAILED
    assert "None of the engines can be kept." in run.error
    assert not run.is_judged
    outcome = office.studio.contests.get(office.worker, run.id)
    assert {one.rejected for one in outcome.tried} == {"It fails on privacy: copies."}


def test_who_takes_the_place_of_a_rejected_winner_makes_the_rows_of_a_run_of_its_own(
    office, people, monkeypatch
) -> None:
    said = iter(["", "", "It fails on privacy: copies.", ""])
    monkeypatch.setattr(contest_module, "rejected", lambda report: next(said))
    run = held(office, people, ("copula", "forest"), seed=6)
    assert run.state is RunState.DONE, run.error
    own = replace(QUICK, engine=run.made_by.engine, seed=6, fallback=())
    alone = office.studio.runs.submit(office.worker, people.id, own)
    alone = office.studio.runs.get(office.worker, alone.id)
    assert alone.result["content_hash"] == run.result["content_hash"]


def kept(office: Office, run: Run) -> dict[str, set[str]]:
    """What the vault has of a contest: by candidate, and by "" of the run itself."""
    folder = office.home / "vault" / "runs" / run.id
    parts = {one.name: {p.name for p in one.iterdir()} for one in folder.glob("candidates/*")}
    return parts | {"": {path.name for path in folder.iterdir()} - {"candidates", "log.txt"}}


WHOLE, TOLD = {"model", "report", "figures"}, {"report", "figures"}


def test_of_a_rejected_winner_neither_model_nor_rows_stay(office, people, monkeypatch) -> None:
    said = iter(["", "", "It fails on privacy: copies.", ""])
    monkeypatch.setattr(contest_module, "rejected", lambda report: next(said))
    run = held(office, people, ("copula", "forest"), seed=21)
    assert run.state is RunState.DONE, run.error
    outcome = office.studio.contests.get(office.worker, run.id)
    (loser,) = {"copula", "forest"} - {outcome.winner}
    assert kept(office, run) == {
        outcome.winner: WHOLE,
        loser: TOLD,
        "": {"model", "report.json", "synthetic"},
    }
    vault = office.studio._context.vault
    assert finished_candidates(vault, run.id)[loser]["rejected"] == "It fails on privacy: copies."
    model = vault.read_blob(f"runs/{run.id}/model")
    assert model == vault.read_blob(f"runs/{run.id}/candidates/{outcome.winner}/model")


def test_when_all_are_rejected_nothing_stays_and_none_is_fitted_again(
    office, people, monkeypatch
) -> None:
    said = iter(["", "It fails on privacy: copies.", "It fails on privacy: copies."])
    monkeypatch.setattr(contest_module, "rejected", lambda report: next(said))
    run = held(office, people, ("copula", "forest"), seed=22)
    assert run.state is RunState.FAILED
    assert kept(office, run) == {"copula": TOLD, "forest": TOLD, "": set()}
    again = office.studio.runs.retry(office.worker, run.id)
    again = office.studio.runs.get(office.worker, again.id)
    assert (again.state, again.error) == (RunState.FAILED, run.error)
    assert next(said, "") == ""


def stopped_at(monkeypatch: pytest.MonkeyPatch, where: object, name: str, path: str) -> None:
    """Break the contest off at the first call about such a path, as a kill would."""
    real, calls = getattr(where, name), []

    def stopping(*args: object) -> None:
        if not calls and any(path in str(arg) for arg in args):
            calls.append(args)
            raise JobCancelled
        real(*args)

    monkeypatch.setattr(where, name, stopping)


@pytest.mark.parametrize(
    ("where", "name", "path", "left"),
    [
        (contest_module, "reject_candidate", "copula", WHOLE),
        (Vault, "remove", "candidates/copula/model", TOLD),
    ],
)
def test_a_contest_broken_off_while_it_rejects_loses_no_other_candidate(
    office, people, monkeypatch, where, name, path, left
) -> None:
    """Before the winner's rejection is noted both are finished; after it the other one still is."""
    with monkeypatch.context() as patch:
        said = iter(["", "", "It fails on privacy: copies."])
        patch.setattr(contest_module, "rejected", lambda report: next(said))
        patch.setattr(contest_module, "ranked", lambda tried: tried)
        stopped_at(patch, where, name, path)
        run = held(office, people, ("copula", "forest"), seed=23)
    assert run.state is RunState.CANCELLED, run.error
    assert kept(office, run) == {"copula": left, "forest": WHOLE, "": set()}
    again = office.studio.runs.retry(office.worker, run.id)
    ended = office.studio.runs.get(office.worker, again.id)
    assert ended.state is RunState.DONE, ended.error
    assert left is WHOLE or ended.made_by.engine == "forest"


def test_a_kill_while_a_winner_is_judged_leaves_its_candidates_only(
    office, people, monkeypatch
) -> None:
    run = held(office, people, ("copula", "forest"), seed=24)
    with office.studio._context.database.session() as session:
        session.get(RunRow, run.id).state = RunState.RUNNING
    interrupt_unfinished(office.studio._context)
    assert kept(office, run) == {"copula": WHOLE, "forest": WHOLE, "": set()}


def test_a_cancelled_contest_keeps_what_finished_and_started_again_takes_it_over(
    office, people, pool, monkeypatch
) -> None:
    fits: list[str] = []
    real = contest_module._try

    def stopping(task, vault, bench, engine, part):
        fits.append(engine)
        if engine == "forest" and fits.count("forest") == 1:
            raise JobCancelled
        return real(task, vault, bench, engine, part)

    monkeypatch.setattr(contest_module, "_try", stopping)
    run = held(office, people, ("copula", "forest"), seed=7)
    assert run.state is RunState.CANCELLED, run.error
    outcome = office.studio.contests.get(office.worker, run.id)
    assert [one.engine for one in outcome.tried] == ["copula"]
    assert outcome.waiting == ("forest",)
    again = office.studio.runs.retry(office.worker, run.id)
    ended = office.studio.runs.get(office.worker, again.id)
    assert ended.state is RunState.DONE, ended.error
    assert fits == ["copula", "forest", "forest"]
    other = replace(again.spec, seed=8)
    office.studio.runs.submit(office.worker, people.id, other)
    assert fits[3:] == ["copula", "forest"], "another seed is another candidate"


def test_a_candidate_of_another_version_of_a_plug_in_is_not_taken_over(
    office, people, monkeypatch
) -> None:
    fits: list[str] = []
    real = contest_module._try

    def counted(task, vault, bench, engine, part):
        fits.append(engine)
        return real(task, vault, bench, engine, part)

    def installed(version: str, kind: Kind = Kind.GENERATOR) -> None:
        plugin = Plugin("own-engines", version, (Part(kind, "own"),))
        monkeypatch.setattr(contest_module, "load_plugins", lambda packages: (plugin,))

    monkeypatch.setattr(contest_module, "_try", counted)
    installed("1.0")
    run = held(office, people, ("copula", "forest"), seed=26)
    again = office.studio.runs.retry(office.worker, run.id)
    assert fits == ["copula", "forest"]
    installed("1.1")
    later = office.studio.runs.retry(office.worker, again.id)
    assert fits == ["copula", "forest"] * 2
    installed("7", Kind.READER)
    read = office.studio.runs.retry(office.worker, later.id)
    assert fits == ["copula", "forest"] * 3
    installed("8", Kind.READER)
    office.studio.runs.retry(office.worker, read.id)
    assert fits == ["copula", "forest"] * 3, "what reads files has no part in a candidate"


def test_a_kill_keeps_finished_candidates_and_out_of_memory_goes_on_without_the_engine(
    office, people, monkeypatch
) -> None:
    done = held(office, people, ("copula", "forest"), seed=11)
    studio = office.studio
    tasks = []
    monkeypatch.setattr(studio.runs._pool, "submit", lambda job, work, task: tasks.append(task))
    spec = replace(done.spec, contest=Contest(("ctgan", "copula")), engine="copula", params={})
    run = studio.runs.submit(office.worker, people.id, spec)
    events = studio.runs._events
    events(run.id, Started(1))
    events(run.id, Failed("Too much memory.", "log", "memory"))
    assert [dict(one) for one in tasks[1].lost] == [
        {"engine": "ctgan", "why": "Too much memory.", "kind": "memory"}
    ]
    vault = office.studio._context.vault
    for part in ("model", "report", "figures"):
        blob = vault.read_blob(f"runs/{done.id}/candidates/copula/{part}")
        vault.write_blob(f"runs/{run.id}/candidates/copula/{part}", blob)
    events(run.id, Started(2))
    interrupt_unfinished(studio._context)
    assert set(finished_candidates(vault, run.id)) == {"copula"}
    ended = studio.runs.get(office.worker, run.id)
    assert ended.state is RunState.INTERRUPTED
    assert "`ctgan` did not come through" in ended.error
    events(run.id, Cancelled())
    assert set(finished_candidates(vault, run.id)) == {"copula"}


def test_what_cannot_be_tried_is_refused_and_the_cost_is_told_before(office, people) -> None:
    submit = office.studio.contests.submit
    for said, engines in {
        "from 2 to 5": ("forest",),
        "different engines": ("forest", "forest"),
        "formal guarantee": ("forest", "aim"),
        "no engine 'gone'": ("forest", "gone"),
    }.items():
        with pytest.raises(InvalidParameter, match=said):
            submit(office.worker, people.id, QUICK, engines)
    plain = office.studio.runs.submit(office.worker, people.id, QUICK)
    with pytest.raises(Conflict):
        office.studio.contests.get(office.worker, plain.id)
    spec = replace(QUICK, purpose=Purpose.CONTEST, contest=Contest(("forest", "copula")))
    whole = office.studio.runs.estimate(office.worker, people.id, spec)
    alone = office.studio.runs.estimate(office.worker, people.id, QUICK)
    assert whole.seconds > alone.seconds
    assert "2 engines" in whole.basis
