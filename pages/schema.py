"""Schema and rules: what the columns are, how tables hang together, and what every row keeps."""

from collections.abc import Mapping, Sequence

import streamlit as st

from app.components.chosen_dataset import dataset_or_start, show_taken_over
from app.components.datasets import choose_table, counted
from app.components.looked_for import looked_for
from app.components.page import guard, page_header
from app.components.rules_form import rule_form
from app.components.rules_list import choose_rules, choose_suggestions
from app.components.schema_form import edit_schema
from app.resources import studio
from app.session import require_actor
from core.governance.policy import Actor
from core.studio.rule_values import CheckedRule, RuleSet
from core.studio.rules import read_one
from core.studio.schemas import SchemaDraft
from core.studio.values import Dataset

CHECKED_CELLS = 20_000_000
TABS = {"rules": "Rules", "schema": "Columns, keys and links", "text": "As text"}


def show() -> None:
    actor = require_actor()
    page_header(
        "Schema and rules",
        text="What the columns are and what every row has to keep; a run keeps these rules.",
        icon=":material/schema:",
    )
    with guard():
        dataset = dataset_or_start(actor, key="schema_dataset", icon=":material/schema:")
        tab = st.segmented_control(
            "Part",
            list(TABS),
            default="rules",
            required=True,
            format_func=TABS.__getitem__,
            key="schema_part",
            label_visibility="collapsed",
        )
        {"rules": show_rules, "schema": show_schema, "text": show_text}[tab](actor, dataset)


def show_rules(actor: Actor, dataset: Dataset) -> None:
    rules = studio().rules.get(actor, dataset.id)
    if rules.carried:
        show_taken_over(rules.left_out, "rule")
    if rules.count:
        show_settled(actor, dataset, rules)
    else:
        st.info(
            "No rules yet. Let the studio look for what the rows keep, or add one below. Runs keep "
            "the rules that you accept.",
            icon=":material/lightbulb:",
        )
    show_suggestions(actor, dataset, rules)
    with st.expander("Add a rule", icon=":material/add:", expanded=False):
        add_rule(actor, dataset, rules)


def show_settled(actor: Actor, dataset: Dataset, rules: RuleSet) -> None:
    st.subheader(f"{counted(rules.count, 'rule')} of this dataset", anchor=False)
    st.caption("Runs that start from now on keep them. Choose rows to remove rules.")
    checked = checked_rules(actor, dataset, rules)
    chosen = choose_rules(dataset, checked, key=f"rules_{dataset.id}_{rules.revision}")
    label = f"Remove {counted(len(chosen), 'rule')}" if chosen else "Remove"
    if st.button(label, icon=":material/delete:", disabled=not chosen, key="remove_rules"):
        left = [one for place, one in enumerate(checked) if place not in chosen]
        save(actor, dataset, rules, by_table(left))


def checked_rules(actor: Actor, dataset: Dataset, rules: RuleSet) -> Sequence[CheckedRule]:
    """The rules with their shares; on large tables only when asked, since all rows are read."""
    key = f"checked_{dataset.id}_{rules.revision}"
    cells = sum(dataset.table_rows[name] * len(own) for name, own in rules.rules.items())
    if key not in st.session_state:
        is_asked = cells <= CHECKED_CELLS or st.button(
            "Count the rows that keep them", icon=":material/calculate:", key="check_rules"
        )
        if not is_asked:
            return [
                CheckedRule(name, rule, dataset.table_rows[name], None)
                for name, own in rules.rules.items()
                for rule in own
            ]
        with st.spinner("Counting the rows that keep each rule"):
            st.session_state[key] = studio().rules.check(actor, dataset.id)
    return st.session_state[key]


def show_suggestions(actor: Actor, dataset: Dataset, rules: RuleSet) -> None:
    key = f"suggested_{dataset.id}_{rules.revision}"
    found = looked_for(
        "rules",
        lambda: studio().rules.suggest(actor, dataset.id),
        key=key,
        is_primary=not rules.count,
        help="Looks in all rows for what they keep. No value of a sensitive column is shown.",
        none="No further rule was found that the rows keep.",
    )
    if not found:
        return
    st.subheader("What the rows keep", anchor=False)
    st.caption("Accept what must be so in every row, not what merely happens to be so.")
    chosen = choose_suggestions(dataset, found, key=f"choose_{key}")
    label = f"Accept {counted(len(chosen), 'rule')}" if chosen else "Accept"
    if st.button(
        label, key="accept_rules", type="primary", icon=":material/check:", disabled=not chosen
    ):
        wanted = {name: list(own) for name, own in rules.rules.items()}
        for one in chosen:
            wanted.setdefault(one.table, []).append(one.rule)
        save(actor, dataset, rules, wanted)


def add_rule(actor: Actor, dataset: Dataset, rules: RuleSet) -> None:
    name = choose_table(dataset, key=f"rule_table_{dataset.id}")
    fields = rule_form(dataset.schema[name], key=f"rule_{dataset.id}_{name}")
    if st.button("Add this rule", key="add_rule", icon=":material/add:"):
        with guard(stop=False):
            rule = read_one(fields)
            wanted = {**rules.rules, name: (*rules.rules.get(name, ()), rule)}
            save(actor, dataset, rules, wanted)


def show_schema(actor: Actor, dataset: Dataset) -> None:
    seen_key = f"schema_seen_{dataset.id}"
    seen: SchemaDraft = st.session_state.setdefault(
        seen_key, studio().schemas.get(actor, dataset.id)
    )
    name = choose_table(dataset, key=f"schema_table_{dataset.id}")
    draft = edit_schema(seen, name, key=f"schema_{dataset.id}_{name}")
    is_same = draft == seen
    with st.container(horizontal=True):
        is_saved = st.button(
            "No changes" if is_same else "Check on the rows and save",
            key="save_schema",
            type="primary",
            icon=":material/save:",
            disabled=is_same,
        )
        if st.button("Load again", key="load_schema", icon=":material/refresh:"):
            forget_schema(dataset)
            st.rerun()
    if is_saved:
        with guard(stop=False):
            studio().schemas.set(actor, dataset.id, draft, seen)
            forget_schema(dataset)
            st.toast("The schema is saved.", icon=":material/check:")
            st.rerun()


def forget_schema(dataset: Dataset) -> None:
    """Forget what was seen of the schema, and links that were added on the page."""
    seen, ahead = f"schema_seen_{dataset.id}", f"schema_{dataset.id}_"
    for key in list(st.session_state):
        if key == seen or (str(key).startswith(ahead) and str(key).endswith("_wide")):
            del st.session_state[key]


def show_text(actor: Actor, dataset: Dataset) -> None:
    what = st.radio("What", ["Rules", "Schema"], horizontal=True, key="text_what")
    part = studio().rules if what == "Rules" else studio().schemas
    key = f"text_{what}_{dataset.id}"
    seen = part.get(actor, dataset.id)
    text = part.to_yaml(actor, dataset.id)
    if f"{key}_seen" not in st.session_state:
        st.session_state[f"{key}_seen"], st.session_state[key] = seen, text
    file = st.file_uploader(
        "Take a YAML file", type=["yaml", "yml"], key=f"{key}_file", max_upload_size=2
    )
    if file is not None and st.session_state.get(f"{key}_taken") != file.file_id:
        st.session_state[f"{key}_taken"] = file.file_id
        st.session_state[key] = file.getvalue().decode("utf-8", errors="replace")
    edited = st.text_area("As YAML", key=key, height=420)
    with st.container(horizontal=True):
        is_saved = st.button("Check and save", key="save_text", type="primary")
        st.download_button(
            "Download what is saved",
            text,
            file_name=f"{what.lower()}.yaml",
            mime="application/yaml",
            icon=":material/download:",
        )
        if st.button("Load again", key="load_text", icon=":material/refresh:"):
            forget(key)
    if is_saved:
        with guard(stop=False):
            before = st.session_state[f"{key}_seen"]
            wanted = part.from_yaml(actor, dataset.id, edited)
            part.set(actor, dataset.id, wanted, before if what == "Schema" else before.revision)
            st.toast(f"{what} saved.", icon=":material/check:")
            forget(key)


def forget(key: str) -> None:
    for name in (key, f"{key}_seen"):
        st.session_state.pop(name, None)
    st.rerun()


def by_table(checked: Sequence[CheckedRule]) -> dict[str, list[object]]:
    found: dict[str, list[object]] = {}
    for one in checked:
        found.setdefault(one.table, []).append(one.rule)
    return found


def save(
    actor: Actor, dataset: Dataset, rules: RuleSet, wanted: Mapping[str, Sequence[object]]
) -> None:
    with guard(stop=False):
        saved = studio().rules.set(actor, dataset.id, wanted, rules.revision)
        st.toast(f"{counted(saved.count, 'rule')} saved.", icon=":material/check:")
        st.rerun()


show()
