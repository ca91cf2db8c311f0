"""What the result of a run suggests to change, as the address of the generate page names it."""

from dataclasses import replace

import streamlit as st

from app.components.drafts import Draft
from app.components.generator_form import presets_of
from core.synthesis.params import specs
from core.synthesis.protocol import EngineInfo

FROM, RUN = "from", "run"
FIELDS = {
    "privacy": "privacy",
    "engine": "the engine",
    "holdout": "the share of rows that is held out",
    "rules": "the rules that every row keeps",
    "target": "the column to predict",
}


def source_of_address() -> str:
    """Return the run that the address names to start from; empty when it names none."""
    return st.query_params.get(FROM) or st.query_params.get(RUN) or ""


def forget_source() -> None:
    """Take the run, and what was suggested of it, out of the address."""
    for name in (FROM, RUN, "param", "preset", "field"):
        st.query_params.pop(name, None)


def with_preset(draft: Draft, info: EngineInfo) -> Draft:
    """Return the draft with the preset that the address suggests, if it suggests one."""
    preset = st.query_params.get("preset", "")
    if preset not in presets_of(info):
        return draft
    params = {**draft.spec.params, **presets_of(info)[preset]}
    return replace(draft, preset=preset, spec=replace(draft.spec, params=params))


def suggested(info: EngineInfo) -> str:
    """Say what is suggested, in Markdown; empty without a suggestion."""
    titles = {spec.name: spec.title.lower() for spec in specs(info.params)}
    found = titles.get(st.query_params.get("param", ""))
    found = found or FIELDS.get(st.query_params.get("field", ""))
    if found:
        return f"Its result suggests to look at **{found}**."
    preset = st.query_params.get("preset", "")
    return f"As its result suggests, effort is at **{preset}**." * (preset in presets_of(info))
