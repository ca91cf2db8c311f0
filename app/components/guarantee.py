"""What a finished run promised about one person, what it was spent on, and what it leaves open."""

from collections.abc import Iterable

import pandas as pd
import streamlit as st

from app.components.charts import download_data
from app.components.datasets import code, counted
from app.components.page import empty_state, plain
from app.components.promise import BADGES, GUARANTEES, bands_line, figure
from app.components.spending import budget_link
from app.navigation import may, page_path
from app.resources import studio
from app.session import when_asked
from core.evaluation.dp_report import Composition, DpReport
from core.evaluation.dp_words import INTERNAL, NOT_COVERED, PREPARED
from core.governance.policy import Actor
from core.privacy.guarantee import ADJACENCY
from core.studio.values import Run

PRIVACY = "privacy"
FORMATS = (
    ("pdf", "application/pdf", ":material/picture_as_pdf:"),
    ("json", "application/json", ":material/data_object:"),
)


def has_guarantee(run: Run) -> bool:
    """Tell whether a run's result comes with a formal guarantee."""
    return PRIVACY in run.result


def guarantee_line(run: Run) -> None:
    """Say in a line whether the result has a guarantee, and which; for the top of a result."""
    if not has_guarantee(run):
        st.caption(f"{BADGES[False]} {GUARANTEES[False]}")
        return
    promised = run.result[PRIVACY]["guarantee"]
    epsilon, delta = float(promised["epsilon"]), float(promised["delta"])
    st.markdown(
        f":green-badge[:material/verified_user: ε = {epsilon:g}, δ = {delta:.0e}] "
        f"{plain(str(promised['sentence']))}"
    )


def show_guarantee(actor: Actor, run: Run) -> None:
    """Show the whole report of a run's guarantee, or say plainly that it has none."""
    if not has_guarantee(run):
        show_none(actor, run)
        return
    report = studio().dp_reports.report(actor, run.id)
    show_promise(report)
    show_downloads(actor, run)
    left, right = st.columns([3, 2], gap="large")
    with left:
        show_ledger(report)
    with right:
        st.markdown("**Assumed public**")
        st.markdown(bullets(report.public))
        st.markdown("**How the rows were prepared**", help=PREPARED)
        st.markdown(bullets(report.prepared))
        st.markdown("**With all other runs on this dataset**")
        show_composition(actor, run, report.composition)
        st.markdown(
            "**Evidence**",
            help="An audit bounds ε from below: it can show a leak, and "
            "never prove that there is none.",
        )
        st.markdown(bullets(report.findings))
        st.markdown("**Not covered**")
        st.markdown(bullets(NOT_COVERED))
    st.caption(f":material/lock: {INTERNAL}")


def show_none(actor: Actor, run: Run) -> None:
    """Say that there is no guarantee, and where to get one."""

    def action() -> None:
        if may(actor, "run.submit"):
            st.page_link(
                page_path("generate"),
                label="Generate with a guarantee",
                icon=":material/auto_awesome:",
                query_params={"dataset": run.dataset_id},
            )

    empty_state(
        "No formal guarantee",
        "This engine makes no promise that could be proven. What attacks on the rows have found "
        "is on the tab Safety: they can show a leak, never prove that there is none.",
        action,
        icon=":material/remove_moderator:",
    )


def show_promise(report: DpReport) -> None:
    """Show the guarantee in a sentence, and whether it was kept."""
    promised = report.opened.guarantee
    st.markdown(f"#### :material/verified_user: {plain(report.sentence)}")
    st.markdown(bands_line(promised.epsilon))
    st.caption(f"By convention, not by law. Neighbouring tables: {ADJACENCY}. {plain(report.unit)}")
    if report.check.is_kept:
        st.success(report.check_sentence, icon=":material/verified:")
    else:
        st.error(f"**{report.check_sentence}**", icon=":material/gpp_bad:")


def show_downloads(actor: Actor, run: Run) -> None:
    """Offer the report for those who may take it away."""
    with st.container(horizontal=True):
        for kind, mime, icon in FORMATS:
            if may(actor, f"run.dp_report_{kind}"):
                st.download_button(
                    f"Privacy report as {kind.upper()}",
                    when_asked(lambda actor, kind=kind: report_bytes(actor, run.id, kind)),
                    file_name=f"privacy-{run.id[:8]}.{kind}",
                    mime=mime,
                    icon=icon,
                    key=f"guarantee_{kind}",
                    on_click="ignore",
                )


def report_bytes(actor: Actor, run_id: str, kind: str) -> bytes:
    """Return the report of a run in a format."""
    reports = studio().dp_reports
    return reports.pdf(actor, run_id) if kind == "pdf" else reports.json(actor, run_id)


def show_ledger(report: DpReport) -> None:
    """Show what the promise was spent on: by purpose, and every charge."""
    st.markdown("**What it was spent on**")
    st.dataframe(
        purpose_frame(report),
        hide_index=True,
        column_config={
            "ε by itself": st.column_config.ProgressColumn(
                format="%.3g",
                min_value=0.0,
                max_value=max(report.opened.guarantee.epsilon, 1e-9),
                help="What the charges of the purpose would cost alone.",
            )
        },
        alt="What each purpose would cost by itself",
        width="stretch",
    )
    st.caption(
        f"Together ε {figure(report.spent.epsilon)} of {figure(report.opened.guarantee.epsilon)} "
        "promised: noise composes, so that the whole costs less than the sum."
    )
    charges = charge_frame(report)
    with st.expander(f"Every charge ({len(charges):,})", icon=":material/receipt_long:"):
        st.dataframe(
            charges,
            hide_index=True,
            alt=f"All {len(charges)} charges of the ledger in order",
            width="stretch",
        )
        download_data(charges, key="ledger")


def purpose_frame(report: DpReport) -> pd.DataFrame:
    """Return a row for each purpose, in the order of a run."""
    rows = [(cost.title, cost.charges, cost.epsilon) for cost in report.purposes]
    return pd.DataFrame(rows, columns=["Purpose", "Charges", "ε by itself"])


def charge_frame(report: DpReport) -> pd.DataFrame:
    """Return a row for each charge of the ledger, in order."""
    rows = [(line.purpose.capitalize(), line.about, line.mechanism) for line in report.lines]
    return pd.DataFrame(rows, columns=["Purpose", "Of what", "Noise"])


def show_composition(actor: Actor, run: Run, composition: Composition | None) -> None:
    """Say what the runs on the dataset cost together."""
    if composition is None:
        st.markdown("Not known: the dataset, or its budget, is not there any more.")
        return
    whom = f"persons by {code(composition.unit)}" if composition.unit else "single rows"
    st.markdown(
        f"{counted(composition.runs, 'run')} for {whom}: together **ε "
        f"{figure(composition.epsilon)}** at δ = {composition.delta:.2g}, composed truly. Added up "
        f"simply it would be {figure(composition.simple_sum)}. The cap is ε "
        f"{figure(composition.cap_epsilon)}."
    )
    budget_link(actor, run.dataset_id)


def bullets(texts: Iterable[str]) -> str:
    """Return sentences as a Markdown list."""
    return "\n".join(f"- {plain(text)}" for text in texts)
