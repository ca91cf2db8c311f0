"""Generate: say what it is for, adjust the generator if you like, look at a preview, start."""

from collections.abc import Mapping

import pandas as pd
import streamlit as st

from app.components.datasets import choose_dataset, counted
from app.components.intents import BY_KEY, DEFAULT_INTENT, INTENTS, Intent
from app.components.jobs import duration
from app.components.page import empty_state, guard, page_header, plain
from app.components.params_form import params_form
from app.components.projects import project_or_start
from app.components.rows_form import rows_form
from app.navigation import page_path
from app.resources import studio
from app.session import require_actor
from core.data.schema import Action, ColumnType
from core.governance.policy import Actor
from core.studio.runs import PREVIEW_ENGINES
from core.studio.values import Dataset, RunSpec
from core.synthesis.params import specs
from core.synthesis.protocol import EngineInfo

SHOWN_OPEN = 30
LIKELY_TARGETS = frozenset(
    {"target", "label", "class", "y", "outcome", "churn", "churned", "default", "survived"}
)
INTENT_KEY = "generate_intent"


def show() -> None:
    actor = require_actor()
    page_header(
        "Generate",
        "generate",
        text="Choose what the synthetic data is for. Everything below follows and can be changed.",
        icon=":material/auto_awesome:",
    )
    with guard():
        project = project_or_start(actor)
        datasets = studio().datasets.list(actor, project.id)
        if not datasets:
            show_no_data()
            return
        ready = next((d for d in datasets if not d.open_columns), datasets[0])
        dataset = choose_dataset(datasets, key="generate_dataset", default=ready.id)
        if dataset.open_columns:
            show_blocked(dataset)
            return
        left, right = st.columns([2, 1], gap="large")
        with left:
            spec = choose_spec(actor, dataset)
        with right:
            show_start(actor, dataset, spec)


def show_no_data() -> None:
    empty_state(
        "There is no data to learn from yet",
        "Upload your own tables, or take a sample that ships.",
        lambda: go_button("Add data", "datasets", ":material/upload:"),
        icon=":material/table_chart:",
    )


def go_button(label: str, page: str, icon: str, **params: str) -> None:
    if st.button(label, type="primary", icon=icon, key=f"go_{page}"):
        st.switch_page(page_path(page), query_params=params)


def show_blocked(dataset: Dataset) -> None:
    count = len(dataset.open_columns)
    columns = f"{counted(count, 'column')} {'waits' if count == 1 else 'wait'}"
    empty_state(
        "The review is not finished",
        f"{columns} for a decision on personal data. Training starts when all are settled.",
        lambda: go_button("Finish the review", "review", ":material/rule:", dataset=dataset.id),
        icon=":material/rule:",
    )
    listed = pd.DataFrame(dataset.open_columns[:SHOWN_OPEN], columns=["Table", "Column"])
    st.markdown("**Open**")
    st.dataframe(listed, hide_index=True, width="content", alt="Columns that wait for a decision")
    if count > SHOWN_OPEN:
        st.caption(f"and {count - SHOWN_OPEN} more.")


def choose_spec(actor: Actor, dataset: Dataset) -> RunSpec:
    intent = choose_intent()
    engines = {info.name: info for info in studio().runs.engines()}
    suggestion = studio().runs.suggest(actor, dataset.id)
    start, preset_start = intent.start(suggestion.engine, engines)
    st.subheader("Generator", anchor=False)
    suggested = engines[suggestion.engine].title
    st.markdown(
        f":material/lightbulb: **{suggested}** is suggested for this data. {suggestion.why}"
    )
    key = f"generate_{dataset.id}_{intent.key}"
    chosen = st.selectbox(
        "Engine",
        list(engines),
        index=list(engines).index(start),
        format_func=lambda name: engines[name].title,
        key=f"{key}_engine",
    )
    info = engines[chosen]
    show_engine(info)
    params = choose_params(info, preset_start, key)
    return choose_output(dataset, chosen, params)


def choose_intent() -> Intent:
    st.subheader("What is it for?", anchor=False)
    chosen = st.session_state.setdefault(INTENT_KEY, DEFAULT_INTENT)
    columns = st.columns(2) + st.columns(2)
    for column, intent in zip(columns, INTENTS, strict=True):
        with column.container(border=True, height="stretch"):
            is_chosen = intent.key == chosen
            mark = " :primary-badge[:material/check: Chosen]" if is_chosen else ""
            st.markdown(f"**{intent.icon} {intent.title}**{mark}")
            st.caption(intent.why_not or intent.text)
            st.space("stretch")
            st.button(
                "Chosen" if is_chosen else "Not available yet" if intent.why_not else "Choose",
                disabled=is_chosen or bool(intent.why_not),
                help=intent.text if intent.why_not else None,
                key=f"intent_{intent.key}",
                on_click=remember_intent,
                args=(intent.key,),
                width="stretch",
            )
    return BY_KEY[chosen]


def remember_intent(key: str) -> None:
    st.session_state[INTENT_KEY] = key


def show_engine(info: EngineInfo) -> None:
    guarantee = "differential privacy" if info.formal_guarantee else "none"
    with st.container(border=True):
        st.markdown(info.summary)
        st.markdown(
            f":material/thumb_up: **Good at** {info.good_at}  \n"
            f":material/thumb_down: **Not for** {info.not_for}  \n"
            f":material/gavel: **Licence** {info.licence}  \n"
            f":material/shield: **Formal privacy guarantee** {guarantee}"
        )


def choose_params(info: EngineInfo, start: str, key: str) -> Mapping[str, object]:
    presets = info.presets or {"balanced": {}}
    preset = st.segmented_control(
        "Preset",
        list(presets),
        default=start if start in presets else next(iter(presets)),
        format_func=str.capitalize,
        key=f"{key}_{info.name}_preset",
    )
    with st.expander("Parameters", icon=":material/tune:"):
        form_key = f"{key}_{info.name}_{preset}"
        return params_form(specs(info.params), presets[preset], key=form_key)


def choose_output(dataset: Dataset, engine: str, params: Mapping[str, object]) -> RunSpec:
    st.subheader("What to make", anchor=False)
    rows = rows_form(dataset, key=f"generate_{dataset.id}")
    left, right = st.columns(2)
    with left:
        target = choose_target(dataset)
    seed = right.number_input(
        "Seed",
        0,
        2**31 - 1,
        1,
        help="The same seed, data and settings give the same synthetic tables.",
        key=f"generate_{dataset.id}_seed",
    )
    return RunSpec(engine=engine, params=params, rows=rows, seed=seed, target=target)


def choose_target(dataset: Dataset) -> str | None:
    options = target_options(dataset)
    return st.selectbox(
        "Column to predict, to judge usefulness",
        [None, *options],
        index=1 + options.index(likely) if (likely := likely_target(options)) else 0,
        format_func=lambda name: name or "Choose for me",
        help="A model learns to predict this column from synthetic rows and is tested on real "
        "ones that the generator never saw. Left to the studio, it is the last column with a few "
        "frequent values, or else the last number.",
        key=f"generate_{dataset.id}_target",
    )


def target_options(dataset: Dataset) -> list[str]:
    return [
        f"{table.name}.{column.name}"
        for table in dataset.schema.tables
        for column in table.columns
        if column.type is not ColumnType.TEXT
        and column.action in {None, Action.KEEP}
        and column.name != table.primary_key
    ]


def likely_target(options: list[str]) -> str | None:
    """The option whose column is called what targets are often called, if there is one."""
    return next((o for o in options if o.split(".")[-1].lower() in LIKELY_TARGETS), None)


def show_start(actor: Actor, dataset: Dataset, spec: RunSpec) -> None:
    with st.container(border=True):
        st.markdown("**Ready to start**")
        estimate = studio().runs.estimate(actor, dataset.id, spec)
        st.metric("Expected time", duration(estimate.seconds))
        st.caption(f"{estimate.basis[:1].upper()}{estimate.basis[1:]}.")
        if st.button(
            "Start the run",
            type="primary",
            icon=":material/play_arrow:",
            key="generate_start",
            width="stretch",
            shortcut="Ctrl+Enter",
        ):
            with guard(stop=False):
                run = studio().runs.submit(actor, dataset.id, spec)
                st.switch_page(page_path("jobs"), query_params={"run": run.id})
        preview_button(actor, dataset, spec)
        share = f"{spec.holdout:.0%}"
        st.caption(
            f"{share} of the real rows are held out before training; the result is judged by them."
        )


def preview_button(actor: Actor, dataset: Dataset, spec: RunSpec) -> None:
    """Offer the preview; for engines that train for minutes say why there is none."""
    has_preview = spec.engine in PREVIEW_ENGINES
    if st.button(
        "Preview 1,000 rows",
        icon=":material/visibility:",
        key="generate_preview_button",
        width="stretch",
        disabled=not has_preview,
    ):
        with guard(stop=False):
            with st.spinner("Fitting a small preview"):
                tables = studio().runs.preview(actor, dataset.id, spec)
            show_preview(tables)
    if not has_preview:
        st.caption("No preview: this engine trains for minutes. Start it with “Quick look”.")


@st.dialog("Preview", width="large", icon=":material/visibility:")
def show_preview(tables: Mapping[str, pd.DataFrame]) -> None:
    st.caption("Every row here is synthetic, from a quick fit on part of the data.")
    tabs = st.tabs([plain(name) for name in tables])
    for tab, (name, frame) in zip(tabs, tables.items(), strict=True):
        tab.dataframe(frame, hide_index=True, height=420, alt=f"Synthetic rows of {name}")


show()
