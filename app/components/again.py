"""What can be done with a run that has ended: sample its model again, or run it with changes."""

import streamlit as st

from app.components.drafts import restart
from app.navigation import may, page_path
from core.governance.policy import Actor
from core.studio.values import Purpose, Run, RunState

FORMATS = {"csv": "CSV", "parquet": "Parquet", "json": "JSON", "sql": "SQL"}


def again_buttons(actor: Actor, run: Run) -> None:
    """Show the buttons; for any page that shows a run, in a horizontal container."""
    if run.state is RunState.DONE and run.spec.purpose is Purpose.IMPUTE:
        filled_button(actor, run)
    can_sample = run.is_judged
    if (
        can_sample
        and may(actor, "run.sample_again")
        and st.button(
            "Sample again",
            icon=":material/casino:",
            key=f"again_{run.id}",
            help="More or other rows from the model of this run. Nothing is fitted.",
        )
    ):
        st.switch_page(page_path("generate"), query_params={"again": run.id})
    if (
        run.state.is_over
        and may(actor, "run.submit")
        and st.button(
            "Run again with changes",
            icon=":material/edit_note:",
            key=f"clone_{run.id}",
            help="Opens Generate with everything filled in as it was for this run.",
        )
    ):
        restart(actor, generate_place(run.dataset_id), None)
        params = {"dataset": run.dataset_id, "from": run.id}
        st.switch_page(page_path("generate"), query_params=params)


def filled_button(actor: Actor, run: Run) -> None:
    """Offer the filled tables of a run, each filling in each format."""
    if not may(actor, "run.filled"):
        return
    with st.popover("Filled tables", icon=":material/download:", key=f"filled_{run.id}"):
        st.caption("These are real rows. Each download is an audit record.")
        for copy in range(1, run.spec.copies + 1):
            if run.spec.copies > 1:
                st.markdown(f"Filling {copy}")
            with st.container(horizontal=True):
                for key, label in FORMATS.items():
                    st.link_button(label, filled_address(run, key, copy))


def filled_address(run: Run, format: str, copy: int) -> str:
    """Return where the API hands out a filling of the real tables."""
    return f"/api/runs/{run.id}/filled?format={format}&copy={copy}"


def generate_place(dataset_id: str) -> str:
    """Return the name under which a dataset's draft is kept."""
    return f"generate_{dataset_id}"
