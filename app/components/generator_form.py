"""Choosing the generator: engine, effort, privacy, and the parameters that these set.

Effort (a preset) and privacy (a dial) never set the same parameter. Moving one of them sets its
own parameters afresh and leaves the others; what was changed by hand is named.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from app.components.drafts import Draft
from app.components.engine_card import engine_card
from app.components.params_form import params_form
from app.components.privacy_dial import default_step, dial_of, privacy_dial
from app.components.promise import PROMISED
from core.studio.routing import Route
from core.studio.values import RunSpec
from core.synthesis.params import ParamSpec, specs
from core.synthesis.protocol import EngineInfo

USUAL = "balanced"


@dataclass(frozen=True, slots=True)
class Generator:
    """An engine with the values of all its parameters, and what they were set by."""

    info: EngineInfo
    preset: str = ""
    dial: str = ""
    params: Mapping[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> dict[str, Any]:
        """What preset and dial set, and the defaults of all other parameters."""
        steps = {step.name: step.params for step in dial_of(self.info)}
        defaults = {spec.name: spec.default for spec in specs(self.info.params)}
        preset = presets_of(self.info).get(self.preset, {})
        return {**defaults, **preset, **steps.get(self.dial, {})}

    @property
    def by_hand(self) -> list[ParamSpec]:
        """The parameters that are not as preset and dial set them."""
        usual = self.settings
        return [s for s in specs(self.info.params) if self.params.get(s.name) != usual[s.name]]


def presets_of(info: EngineInfo) -> Mapping[str, Mapping[str, Any]]:
    """Return the engine's presets; one without any has the usual one."""
    return info.presets or {USUAL: {}}


def starting(info: EngineInfo, preset: str = USUAL, dial: str = "") -> Generator:
    """Return an engine as a preset and a step of its dial set it, as usual where it has neither."""
    presets = presets_of(info)
    known = [step.name for step in dial_of(info)]
    made = Generator(
        info,
        preset if preset in presets else next(iter(presets)),
        dial if dial in known else default_step(info),
    )
    return replace(made, params=made.settings)


def from_spec(info: EngineInfo, spec: RunSpec) -> Generator:
    """Return the preset and the step of the dial that come nearest to a run's parameters."""
    dials = sorted([s.name for s in dial_of(info)] or [""], key=lambda n: n != default_step(info))
    presets = sorted(presets_of(info), key=lambda name: name != USUAL)
    params = {**Generator(info).settings, **spec.params}
    candidates = [Generator(info, preset, dial, params) for dial in dials for preset in presets]
    return min(candidates, key=lambda candidate: len(candidate.by_hand))


def from_draft(info: EngineInfo, draft: Draft) -> Generator:
    """Return what a draft says of an engine; what it does not say is as usual.

    A promise is kept when the engine is changed for another one that makes it.
    """
    if draft.spec.engine != info.name:
        made = starting(info)
        return replace(made, params={**made.params, **promised(info, draft.spec.params)})
    if draft.preset in presets_of(info):
        return Generator(info, draft.preset, draft.dial, draft.spec.params)
    return from_spec(info, draft.spec)


def promised(info: EngineInfo, params: Mapping[str, Any]) -> dict[str, Any]:
    """Return those parameters that make an engine's promise; none without a guarantee."""
    return {n: v for n, v in params.items() if info.formal_guarantee and n in PROMISED}


def generator_form(
    engines: Mapping[str, EngineInfo], draft: Draft, key: str, found: Route | None = None
) -> tuple[Generator, DeltaGenerator]:
    """Let the user choose; return it, and the place on the engine's card for its cost."""
    chosen = st.selectbox(
        "Engine",
        list(engines),
        index=list(engines).index(draft.spec.engine),
        format_func=lambda name: engine_label(engines[name]),
        key=f"{key}_engine",
    )
    info = engines[chosen]
    known = {one.engine: one for one in found.candidates} if found else {}
    cost = engine_card(info, known.get(info.name))
    return choose_settings(info, from_draft(info, draft), f"{key}_{info.name}"), cost


def engine_label(info: EngineInfo) -> str:
    """Return an engine's title, and whether it gives a guarantee."""
    return f"{info.title} · formal guarantee" if info.formal_guarantee else info.title


def choose_settings(info: EngineInfo, start: Generator, key: str) -> Generator:
    """Show effort, privacy and the parameters, each at its start."""
    preset = choose_effort(info, start.preset, key)
    steps = dial_of(info)
    dial = privacy_dial(steps, start.dial, key=f"{key}_privacy").name if steps else ""
    chosen = Generator(info, preset, dial)
    with st.expander("Parameters", icon=":material/tune:"):
        say_who_rules(info)
        values = starting_values(start, chosen)
        held = promised(info, values)
        own = [spec for spec in specs(info.params) if spec.name not in held]
        params = params_form(own, values, key=key, keys=param_keys(chosen, key))
    made = replace(chosen, params={**held, **params})
    say_by_hand(made)
    return made


def choose_effort(info: EngineInfo, start: str, key: str) -> str:
    """Show the presets as what they are: how much time the engine may take."""
    presets = list(presets_of(info))
    if len(presets) == 1:
        return presets[0]
    chosen = st.segmented_control(
        "Effort",
        presets,
        default=start if start in presets else presets[0],
        format_func=str.capitalize,
        required=True,
        help="How much time the engine may take to come closer. A preset of its parameters.",
        key=f"{key}_preset",
    )
    return chosen or presets[0]


def rulers(info: EngineInfo) -> tuple[set[str], set[str]]:
    """Return the names of the parameters that presets set, and of those that the dial sets."""
    dialled = {name for step in dial_of(info) for name in step.params}
    preset = {name for values in presets_of(info).values() for name in values}
    return preset - dialled, dialled


def param_keys(chosen: Generator, key: str) -> dict[str, str]:
    """Return for each parameter that is ruled a key that changes with what rules it."""
    preset, dialled = rulers(chosen.info)
    return dict.fromkeys(preset, f"{key}_{chosen.preset}") | dict.fromkeys(
        dialled, f"{key}_{chosen.dial}"
    )


def starting_values(start: Generator, chosen: Generator) -> dict[str, Any]:
    """Return the settings of what is chosen, and of ``start`` whatever still holds."""
    preset, dialled = rulers(chosen.info)
    moved = preset if start.preset != chosen.preset else set()
    moved |= dialled if start.dial != chosen.dial else set()
    kept = {name: value for name, value in start.params.items() if name not in moved}
    return {**chosen.settings, **kept}


def say_who_rules(info: EngineInfo) -> None:
    """Say which of the controls above sets which parameter."""
    preset, dialled = rulers(info)
    titles = {spec.name: spec.title for spec in specs(info.params)}
    said = [
        f"**{what}** sets {', '.join(titles[n].lower() for n in titles if n in names)}."
        for what, names in (("Effort", preset), ("Privacy", dialled))
        if names
    ]
    if said:
        st.caption(f"{' '.join(said)} What you change here holds until you move that control.")


def say_by_hand(made: Generator) -> None:
    """Name what was changed by hand, since effort and privacy do not say it then."""
    held = promised(made.info, made.params)
    if changed := [spec for spec in made.by_hand if spec.name not in held]:
        named = ", ".join(f"{spec.title.lower()} {made.params[spec.name]}" for spec in changed)
        figures = " The figures above are of the dial's own values." if made.dial else ""
        st.caption(f":material/edit: Set by hand: {named}.{figures}")
