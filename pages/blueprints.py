"""No data yet: tables from a schema alone, to take away or to try the studio with."""

import streamlit as st

from app.components.blueprints import (
    TEXT_KEY,
    choose_rows,
    choose_start,
    import_made,
    show_problems,
    show_tables,
)
from app.components.datasets import go_to_next_step
from app.components.page import guard, page_header
from app.components.projects import project_or_start
from app.resources import studio
from app.session import require_actor
from core.data.write import FORMATS
from core.errors import InvalidInput
from core.governance.policy import Actor

HELP = """
Each column says how its values are made: `low` and `high` with a `shape`, `values` with weights
(also `by` another column), `fake` or `faker`, a `pattern` (`#` digit, `@` capital, `~` small
letter), a `counter`, `references` to another table's `key`, `lookup` of a value there, `plus`
another column, or a `formula`. `missing`, `unique` and `when` go with all of them; `per` makes a
table's rows follow from its parent's, `together` ties two columns.
"""


def show() -> None:
    actor = require_actor()
    page_header(
        "No data yet",
        text="Make tables from a description alone. Nothing in them was learned from anybody's "
        "rows, so they say nothing about real people, and nothing about how real data hang "
        "together.",
        icon=":material/architecture:",
    )
    with guard():
        project = project_or_start(actor)
        choose_start(studio().blueprints)
        text = st.text_area("Blueprint", key=TEXT_KEY, height=420, max_chars=1_000_000, help=HELP)
        try:
            tables = studio().blueprints.check(text)
        except InvalidInput as error:
            show_problems(error.problems or [str(error)])
            return
        st.subheader("First rows", anchor=False)
        seed = st.session_state.get("blueprint_seed", 1)
        show_tables(tables, studio().blueprints.preview(actor, project.id, text, seed))
        take_away(actor, project.id, text, choose_rows(tables))


def take_away(actor: Actor, project_id: str, text: str, rows: dict[str, int]) -> None:
    with st.container(horizontal=True, vertical_alignment="bottom"):
        seed = st.number_input(
            "Seed", min_value=0, max_value=2**31, value=1, key="blueprint_seed", width=160,
            help="The same blueprint and seed give the same tables.",
        )  # fmt: skip
        format = st.selectbox(
            "Format", list(FORMATS), format_func=lambda key: FORMATS[key].title, width=160,
            key="blueprint_format",
        )  # fmt: skip
        asked = (text, tuple(rows.items()), seed, format)
        if st.button("Make the tables", type="primary", icon=":material/play_arrow:", key="make"):
            with guard(stop=False), st.spinner("Making the tables"):
                made = studio().blueprints.make(
                    actor, project_id, text, rows, seed=int(seed), format=format
                )
                st.session_state["blueprint_made"] = asked, made.filename, made.content()
        if st.button("Import as a dataset", icon=":material/table_chart:", key="import_made"):
            with guard(stop=False), st.spinner("Making, reading and encrypting the tables"):
                made = studio().blueprints.make(actor, project_id, text, rows, seed=int(seed))
                name = made.filename.rpartition(".")[0]
                go_to_next_step(import_made(studio().datasets, actor, project_id, name, made))
    stored = st.session_state.get("blueprint_made")
    if stored and stored[0] == asked:
        st.download_button(
            f"Download {stored[1]}", stored[2], stored[1], icon=":material/download:",
            key="blueprint_download", on_click="ignore",
        )  # fmt: skip


show()
