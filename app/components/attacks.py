"""Is it safe: each attack in plain words, with its numbers, both controls and its outcome."""

from collections.abc import Sequence

import pandas as pd
import streamlit as st

from app.components.charts import download_data
from app.components.figures import Track, track
from app.components.page import plain
from app.components.results import show_measures
from app.components.scores import (
    explain,
    interval,
    measured,
    number,
    outcome_badge,
    outcome_words,
    show_frame,
    show_reasons,
    words_text,
)
from core.evaluation.counted import counted, rests_on_count, tally
from core.evaluation.details import AttackReport, PrivacyDetail
from core.evaluation.glossary import figure_text, words_for
from core.evaluation.values import Score, TableReport
from core.evaluation.words import show

URGENCY = ("fail", "inconclusive", "warn", "pass", "not applicable")
QUICK = ("copies", "nearer", "membership", "distance")


def show_safety(table: TableReport) -> None:
    """Show the attacks of a full evaluation, and the measures that are taken at once."""
    if table.privacy is not None:
        _show_attacks(table.name, table.privacy)
        st.subheader("Seen at once", anchor=False)
    st.caption(
        "Training rows are compared with holdout rows, which the generator never saw. A copy of "
        "the training rows scores worst, fresh real rows score best."
    )
    show_measures(table, QUICK)
    st.info(
        "These are observations on this data. They can show a leak, never prove that there is "
        "none; a formal guarantee needs differential privacy.",
        icon=":material/info:",
    )


def _show_attacks(table: str, detail: PrivacyDetail) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        outcome_badge(detail.outcome)
        st.markdown(f"**{plain(detail.sentence)}**", width="stretch")
    for note in detail.notes:
        st.caption(plain(note))
    st.markdown(
        "Every attack runs three times: on this data, on a **verbatim copy** of the training rows, "
        "which it must detect, and on **fresh real rows**, which are the baseline. If the copy is "
        "not detected, the result is inconclusive."
    )
    ordered = by_urgency(detail.attacks)
    frame = attack_frame(ordered)
    show_frame(frame, "Outcome, value, interval, controls and bounds of each attack")
    with st.container(horizontal=True):
        download_data(frame, key=f"attacks_{table}")
        explain(
            "attack", [a.name for a in ordered], key=f"attacks_{table}", label="What each attack is"
        )
    for start in range(0, len(ordered), 2):
        for column, attack in zip(st.columns(2), ordered[start : start + 2], strict=False):
            with column.container(border=True, height="stretch"):
                show_attack(table, attack)


def by_urgency(attacks: Sequence[AttackReport]) -> list[AttackReport]:
    """Return the attacks with those that need a decision first."""
    return sorted(attacks, key=lambda a: URGENCY.index(a.outcome))


def attack_frame(attacks: Sequence[AttackReport]) -> pd.DataFrame:
    """Return the numbers of every attack as a table."""
    rows = [
        {
            "Attack": words_for("attack", a.name).title,
            "Outcome": outcome_words(a.outcome),
            "This data": number(a.value),
            "95 % interval or count": tally(a) if rests_on_count(a) else within(a),
            "Fresh real rows": number(a.fresh),
            "Verbatim copy": number(a.copy),
            "Look from": a.warn_at,
            "Fails from": a.fail_at,
        }
        for a in attacks
    ]
    return pd.DataFrame(rows)


def show_attack(table: str, attack: AttackReport) -> None:
    """Show one attack: what it tries, how far it comes, and what that is compared with."""
    words = words_for("attack", attack.name)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown(f"**{plain(words.title)}**", width="stretch")
        outcome_badge(attack.outcome)
    if words.meaning:
        st.markdown(plain(words.meaning))
    if measured(attack.value):
        drawn = attack_track(attack)
        config = {"displayModeBar": False, "displaylogo": False}
        text = attack_words(attack)
        key = f"attack_{table}_{attack.name}"
        st.plotly_chart(track(drawn), alt=text, key=key, config=config, width="stretch")
        noise = "" if rests_on_count(attack) else " with its 95 % interval"
        st.caption(f"● this data{noise} · ◆ fresh real rows · ✕ verbatim copy")
        st.markdown(text)
    show_reasons([(words.title, attack.value)])
    if attack.note:
        st.caption(plain(attack.note))
    with st.container(horizontal=True):
        _show_more(table, attack)


def _show_more(table: str, attack: AttackReport) -> None:
    """Offer what the attack means in full, and its further figures."""
    key = f"{table}_{attack.name}"
    more = words_text(words_for("attack", attack.name))
    if more:
        with st.popover(
            "How to read it", icon=":material/help:", type="tertiary", key=f"words_{key}"
        ):
            st.markdown(more)
    if attack.figures:
        with st.popover(
            "More figures", icon=":material/numbers:", type="tertiary", key=f"figures_{key}"
        ):
            lines = [f"- {plain(n)}: **{figure_text(s)}**" for n, s in attack.figures.items()]
            st.markdown("\n".join(lines))
            show_reasons(attack.figures.items())


def attack_track(attack: AttackReport) -> Track:
    """Return what is drawn of an attack."""
    named: dict[str, Score] = {
        "Verbatim copy": attack.copy,
        "Fresh real rows": attack.fresh,
        "This data": attack.value,
    }
    values = {name: score for name, score in named.items() if isinstance(score, float)}
    low, high = attack.low, attack.high
    is_known = isinstance(low, float) and isinstance(high, float)
    known = (low, high) if is_known and not rests_on_count(attack) else None
    reach = [*values.values(), *(known or ()), attack.harmless, attack.worst]
    bounds = ((attack.warn_at, "look"), (attack.fail_at, "fails"))
    return Track(values, known, bounds, (min(reach), max(reach)))


def within(attack: AttackReport, *, percent: bool = False) -> str:
    """Return the interval in words; the count where the outcome rests on it, empty for neither."""
    if rests_on_count(attack):
        return f"all counted: {counted(attack)}"
    return interval(attack.low, attack.high, percent=percent)


def attack_words(attack: AttackReport) -> str:
    """Say an attack's numbers, controls and bounds in plain sentences."""
    percent = words_for("attack", attack.name).percent
    known = within(attack, percent=percent)
    said = f" ({known})" if rests_on_count(attack) else f" (95 % interval {known})"
    value, fresh, copy, nothing, all_, look, fails = (
        show(score, percent=percent)
        for score in (
            attack.value,
            attack.fresh,
            attack.copy,
            attack.harmless,
            attack.worst,
            attack.warn_at,
            attack.fail_at,
        )
    )
    return (
        f"The attacker reaches {value}{said if known else ''}; with fresh real rows {fresh}, with "
        f"a verbatim copy {copy}. Learning nothing is {nothing}, learning all {all_}. To be looked "
        f"at from {look}, fails from {fails}."
    )
