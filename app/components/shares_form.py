"""Target shares of a column's values: rebalance, amplify what is rare, or keep shares exactly."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from app.components.ask_words import percent, value_text
from app.components.conditions_form import choices_of
from app.components.page import plain
from core.studio.values import Askable
from core.synthesis.asks import Shares

WHOLE = 1e-9
TENTH = 0.0005
MOST_VALUES = 20
RARE_TIMES = 5.0
RARE_MOST = 0.5
ABOUT = (
    "Set a target for one value or more. Those left open share the rest in their real proportions. "
    "Targets are reached exactly, up to whole rows."
)


@dataclass(frozen=True, slots=True)
class Sums:
    """How the targets add up.

    Attributes
    ----------
    named
        What is given to values with a target.
    left
        Real share of the values without one, those that are not listed included.
    """

    named: float
    left: float

    @property
    def problem(self) -> str:
        """Why the targets cannot be reached; empty when they can."""
        if self.named > 1 + TENTH:
            return f"The target shares add up to {percent(self.named)}: at most 100 % can be."
        if self.left < TENTH and self.named < 1 - TENTH:
            return (
                f"The target shares add up to {percent(self.named)}, and no value is left for the "
                "rest. Clear one, or scale them to 100 %."
            )
        return ""


def shares_form(
    askable: Sequence[Askable], start: Shares | None, *, key: str
) -> tuple[Shares | None, list[str]]:
    """Show the column, its values with real and target shares, and how they add up."""
    known = {asked.column: asked for asked in askable if len(choices_of(asked)) > 1}
    if not known:
        st.caption("No column has a few frequent values whose shares could be set.")
        return None, []
    names = sorted(known, key=lambda name: known[name].type.is_numeric)
    column = st.selectbox(
        "Column",
        names,
        index=names.index(start.column) if start and start.column in known else 0,
        key=f"{key}_column",
        persist_state="session",
    )
    own = f"{key}_{column}"
    real = _listed(known[column])
    given = start.shares if start and start.column == column else {}
    _shortcuts(real, own)
    targets = _targets(real, given, own)
    if not targets:
        return None, [f"Set a target share for a value of {column}, or turn shares off."]
    sums = Sums(sum(targets.values()), max(0.0, 1 - sum(real[v] for v in targets)))
    _say_sum(sums, targets, own)
    problems = [sums.problem] if sums.problem else []
    return Shares(column, _closed(targets, sums)), problems


def even(real: Mapping[object, float]) -> dict[object, float]:
    """Give every listed value the same part of what they have together."""
    whole = _reach(real)
    return {value: whole / len(real) for value in real}


def amplified(real: Mapping[object, float]) -> dict[object, float]:
    """Give the rarest value five times its share, at most half; the others stay open."""
    rarest = min(real, key=lambda value: real[value])
    return {rarest: min(RARE_MOST, RARE_TIMES * real[rarest])}


def scaled(targets: Mapping[object, float]) -> dict[object, float]:
    """Bring targets to a sum of 1 in their own proportions."""
    total = sum(targets.values())
    return {value: share / total for value, share in targets.items()} if total else dict(targets)


def _listed(asked: Askable) -> dict[object, float]:
    shares = choices_of(asked)
    frequent = sorted(shares, key=lambda value: -shares[value])[:MOST_VALUES]
    return {value: shares[value] for value in frequent}


def _reach(real: Mapping[object, float]) -> float:
    """What the listed values have together; all, but for what rounding has lost."""
    total = sum(real.values())
    return 1.0 if total > 1 - TENTH else total


def _shortcuts(real: Mapping[object, float], key: str) -> None:
    makers = {
        "Make even": even(real),
        "Amplify the rarest": amplified(real),
        "Keep real shares exactly": dict(real),
        "Clear": {},
    }
    with st.container(horizontal=True):
        for label, targets in makers.items():
            st.button(
                label,
                key=f"{key}_{label.lower().replace(' ', '_')}",
                on_click=_fill,
                args=(key, targets),
            )
    st.caption(ABOUT)


def _fill(key: str, targets: Mapping[object, float]) -> None:
    """Let the targets start anew: other widgets take the place of those that are there."""
    filled = st.session_state.get(f"{key}_filled")
    st.session_state[f"{key}_filled"] = ((filled[0] if filled else 0) + 1, dict(targets))


def _targets(
    real: Mapping[object, float], given: Mapping[object, float], key: str
) -> dict[object, float]:
    round_, start = st.session_state.setdefault(f"{key}_filled", (0, dict(given)))
    by_text = {value_text(value): share for value, share in start.items()}
    columns = st.columns(3)
    targets = {}
    for number, (value, share) in enumerate(real.items()):
        text = value_text(value)
        first = by_text.get(text)
        percents = columns[number % 3].number_input(
            f"{plain(text)} (real {percent(share)})",
            0.0,
            100.0,
            None if first is None else round(first * 100, 4),
            step=1.0,
            format="%0.4g",
            key=f"{key}_{round_}_{number}",
            placeholder="open",
            icon=":material/percent:",
            persist_state="session",
        )
        if percents is not None:
            targets[value] = percents / 100
    return targets


def _say_sum(sums: Sums, targets: Mapping[object, float], key: str) -> None:
    if sums.problem:
        st.warning(sums.problem, icon=":material/functions:")
        st.button(
            "Scale to 100 %",
            icon=":material/percent:",
            key=f"{key}_scale",
            on_click=_fill,
            args=(key, scaled(targets)),
        )
        return
    rest = 1 - sums.named
    others = f", {percent(rest)} are left for the other values" if rest > TENTH else ""
    st.caption(f":material/functions: The targets add up to {percent(sums.named)}{others}.")


def _closed(targets: Mapping[object, float], sums: Sums) -> dict[object, float]:
    """The targets, freed of what percent figures lose by rounding."""
    is_whole = abs(sums.named - 1) <= TENTH
    return scaled(targets) if is_whole and abs(sums.named - 1) > WHOLE else dict(targets)
