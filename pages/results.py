"""Results: can the synthetic data be used, what is different, is it safe, is it useful, what next.

The report is read once a visit, and only the open tab is drawn.
"""

from collections.abc import Mapping
from datetime import datetime

import pandas as pd
import streamlit as st

from app.components.added import show_added
from app.components.again import again_buttons
from app.components.asked import show_asked
from app.components.attacks import show_safety
from app.components.contest import say_maker, show_contest
from app.components.differences import show_differences
from app.components.engine_words import engine_title, param_titles
from app.components.gates import show_gates
from app.components.guarantee import guarantee_line, show_guarantee
from app.components.links import choose_linked, renew_address
from app.components.overview import show_overview
from app.components.page import empty_state, guard, page_header, plain
from app.components.projects import project_or_start
from app.components.releases import date_columns
from app.components.results import show_dials, show_verdict
from app.components.utility import show_usefulness
from app.navigation import may, page_path
from app.resources import studio
from app.session import require_actor, when_asked
from core.evaluation import Report
from core.evaluation.values import TableReport
from core.governance.policy import Actor
from core.studio.values import Purpose, Run

TABS = (
    "Overview",
    "Differences",
    "Safety",
    "Guarantee",
    "Usefulness",
    "Gates",
    "Rows",
    "Parameters",
)
SHOWN = {
    "Safety": show_safety,
    "Usefulness": show_usefulness,
    "Gates": show_gates,
}
SHOWN_ROWS = 100
REPORTS = (
    ("pdf", "application/pdf", ":material/picture_as_pdf:"),
    ("json", "application/json", ":material/data_object:"),
)
REPORT_KEY = "results_report"


def show() -> None:
    actor = require_actor()
    page_header(
        "Results",
        "result",
        text="Judge a run before anybody uses what it made.",
        icon=":material/analytics:",
    )
    with guard():
        project = project_or_start(actor)
        runs = {run.id: run for run in studio().runs.list(actor, project.id) if run.is_judged}
        if not runs:
            show_nothing(actor)
            return
        names = dataset_names(actor, project.id)
        run = choose_run(runs, names)
        report = read_report(actor, run)
        show_verdict(report)
        guarantee_line(run)
        show_next_step(actor, run, report, names.get(run.dataset_id, ""))
        show_details(actor, run, report)


def show_nothing(actor: Actor) -> None:
    def action() -> None:
        if may(actor, "run.submit"):
            icon = ":material/auto_awesome:"
            st.page_link(page_path("generate"), label="Generate synthetic data", icon=icon)

    empty_state(
        "No result yet",
        "When a run has finished, its synthetic tables are judged here.",
        action,
        icon=":material/analytics:",
    )


def dataset_names(actor: Actor, project_id: str) -> Mapping[str, str]:
    return studio().releases.dataset_names(actor, project_id)


def choose_run(runs: Mapping[str, Run], names: Mapping[str, str]) -> Run:
    """Let the user choose a run; a link that names only a dataset means its newest result."""
    dataset = st.query_params.get("dataset")
    newest = next((run for run in runs.values() if run.dataset_id == dataset), None)
    labels = {key: run_label(run, names) for key, run in runs.items()}
    chosen = choose_linked(
        "Run",
        "run",
        labels,
        default=newest.id if newest else next(iter(runs)),
        key="results_run",
        missing="The run of this address has no result in this project. Another one is shown.",
    )
    if dataset and dataset != runs[chosen].dataset_id:
        del st.query_params["dataset"]
    return runs[chosen]


def run_label(run: Run, names: Mapping[str, str]) -> str:
    ended = run.ended_at or run.created_at
    rows = sum(run.result.get("rows", {}).values())
    dataset = names.get(run.dataset_id, "removed dataset")
    engine = engine_title(run.made_by.engine)
    return f"{dataset} · {engine} · {rows:,} rows · {ended:%d %b %Y %H:%M} · {run.id[:6]}"


def read_report(actor: Actor, run: Run) -> Report:
    """Open the run's report once a visit; the studio was asked for the run in any case."""
    known = st.session_state.get(REPORT_KEY)
    if known is None or known[0] != (actor.user_id, run.id):
        known = ((actor.user_id, run.id), studio().runs.report(actor, run.id))
        st.session_state[REPORT_KEY] = known
    return known[1]


def show_next_step(actor: Actor, run: Run, report: Report, dataset: str) -> None:
    with st.container(horizontal=True):
        if may(actor, "release.create") and run.spec.purpose is not Purpose.IMPUTE:
            with st.popover("Make a release", type="primary", icon=":material/inventory_2:"):
                release_form(actor, run, report, dataset)
        for kind, mime, icon in REPORTS:
            if may(actor, f"run.report_{kind}"):
                st.download_button(
                    f"Report as {kind.upper()}",
                    when_asked(lambda actor, kind=kind: report_bytes(actor, run.id, kind)),
                    file_name=f"evaluation-{run.id[:8]}.{kind}",
                    mime=mime,
                    icon=icon,
                    key=f"results_{kind}",
                    on_click="ignore",
                )
        again_buttons(actor, run)


def report_bytes(actor: Actor, run_id: str, kind: str) -> bytes:
    runs = studio().runs
    return runs.report_pdf(actor, run_id) if kind == "pdf" else runs.report_json(actor, run_id)


def release_form(actor: Actor, run: Run, report: Report, dataset: str) -> None:
    if report.level == "poor":
        st.warning(
            "The verdict is that this data is not ready for use. Say in the notes why it is "
            "released all the same.",
            icon=":material/warning:",
        )
    with st.form("results_release", border=False):
        name = st.text_input("Name", value=dataset, key=f"results_name_{run.id}")
        notes = st.text_area("Notes", placeholder="What it is for", key=f"results_notes_{run.id}")
        made = st.form_submit_button(
            "Create the release", type="primary", icon=":material/inventory_2:"
        )
    if made:
        with guard(stop=False):
            release = studio().releases.create(actor, run.id, name.strip(), notes.strip())
            st.switch_page(page_path("releases"), query_params={"release": release.id})


def show_details(actor: Actor, run: Run, report: Report) -> None:
    tabs = [tab for tab in TABS if tab != "Rows" or may(actor, "run.synthetic")]
    tab = st.segmented_control(
        "Look closer",
        tabs,
        default=tabs[0],
        required=True,
        key="tab",
        bind="query-params",
        label_visibility="collapsed",
    )
    renew_address("run")
    if tab == "Overview":
        show_dials(report)
        say_maker(run)
        show_asked(run)
        show_contest(actor, run)
        show_overview(actor, run, report)
    elif tab == "Guarantee":
        show_guarantee(actor, run)
    elif tab == "Parameters":
        show_parameters(run)
    elif tab == "Rows":
        show_rows(actor, run, choose_table(report).name)
    elif tab == "Differences":
        table = choose_table(report)
        show_differences(report, table)
        show_added(table)
    else:
        SHOWN[tab](choose_table(report))


def choose_table(report: Report) -> TableReport:
    if len(report.tables) == 1:
        return report.tables[0]
    names = {table.name: table.name for table in report.tables}
    return report[
        choose_linked("Table", "table", names, default=next(iter(names)), key="results_table")
    ]


def show_rows(actor: Actor, run: Run, table: str) -> None:
    frame = studio().runs.synthetic(actor, run.id, table, SHOWN_ROWS)
    total = run.result.get("rows", {}).get(table, len(frame))
    st.caption(f"The first {len(frame):,} of {total:,} synthetic rows of {plain(table)}.")
    st.dataframe(
        frame,
        hide_index=True,
        height=420,
        column_config=date_columns(frame),
        alt=f"First synthetic rows of {table}",
    )


def show_parameters(run: Run) -> None:
    spec, result = run.made_by, run.result
    titles = param_titles(spec.engine)
    facts = {
        "Run": run.id,
        "Engine": engine_title(spec.engine),
        **{
            f"{titles[name]} ({name})" if name in titles else name: value
            for name, value in spec.params.items()
        },
        "Seed": spec.seed,
        "Holdout": f"{spec.holdout:.0%} of the real rows",
        "Target": spec.target or "chosen by the evaluation",
        **{f"Rows of {name}": f"{count:,}" for name, count in result.get("rows", {}).items()},
        "Fit": seconds(result, "fit_s"),
        "Sample": seconds(result, "sample_s"),
        "Evaluate": seconds(result, "evaluate_s"),
        "Peak memory": f"{result['peak_mb']:,.0f} MiB" if "peak_mb" in result else "–",
        "Content hash": result.get("content_hash", "–"),
        "Started by": run.created_by,
        "Ended": moment(run.ended_at),
    }
    frame = pd.DataFrame({"What": facts.keys(), "Value": [str(v) for v in facts.values()]})
    st.dataframe(
        frame,
        hide_index=True,
        alt="Parameters and figures of the run",
        width="stretch",
        height="content",
    )


def seconds(result: Mapping[str, float], name: str) -> str:
    return f"{result[name]:.1f} s" if name in result else "–"


def moment(at: datetime | None) -> str:
    return f"{at:%d %b %Y %H:%M} UTC" if at else "–"


show()
