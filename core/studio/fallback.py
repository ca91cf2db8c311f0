"""Going on with another engine when one fails: in which order, what is kept of it, and its words.

A run names the engines it may go on with. Each gets a process and the time of its own, so that one
that was ended for its memory leaves nothing behind. What failed, and why, is kept in the run's
result under ``failed``, in order; the engine that made the rows is ``engine`` there. Text here
comes from the studio's own messages, never from a library, which may quote values.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from core.errors import EngineFailed, StudioError
from core.studio.values import Purpose, RunSpec
from core.synthesis.params import build, to_dict
from core.synthesis.registry import ENGINES, engine_info
from core.tracing import where

FAILED = "failed"
"""Key of a run's result: engines that did not come through, each with ``engine`` and ``why``."""
MOST = 4
LEAST_TRIED, MOST_TRIED = 2, 5


def engines_of(spec: RunSpec) -> tuple[str, ...]:
    """The engine of a run, then those that it goes on with."""
    return (spec.engine, *(spec.fallback or ()))


def attempt(spec: RunSpec, failed: Sequence[Mapping[str, Any]]) -> RunSpec:
    """The specification that is carried out after so many engines have failed.

    Further engines have their usual parameters; those of the first are its own.
    """
    if not failed or spec.contest is not None:
        return spec
    engine = engines_of(spec)[len(failed)]
    return replace(spec, engine=engine, params=to_dict(build(engine_info(engine).params, {})))


def next_engine(spec: RunSpec, failed: Sequence[Mapping[str, Any]]) -> str:
    """The engine to go on with once the present one has failed too; "" where there is none."""
    order = engines_of(spec)
    return order[len(failed) + 1] if len(failed) + 1 < len(order) else ""


def in_words(failed: Sequence[Mapping[str, Any]], made: str = "") -> str:
    """What failed, and what made the rows, in a sentence; empty where nothing failed."""
    if not failed:
        return ""
    said = " ".join(f"`{one['engine']}` did not come through: {one['why']}" for one in failed)
    return f"{said} The rows are of `{made}`." if made else said


@contextmanager
def engine_at_work() -> Iterator[None]:
    """What an engine or its library raises becomes ``EngineFailed``.

    What the user asked and cannot be had, a full disk, a broken seal and a cancel pass as they are.
    """
    try:
        yield
    except MemoryError as error:
        said = "There was not enough memory for it. Use fewer rows or columns, or a smaller preset."
        raise EngineFailed(said) from error
    except StudioError:
        raise
    except Exception as error:  # an engine's library may raise anything
        said = f"It stopped with {type(error).__name__} at {where(error)}; its log says more."
        raise EngineFailed(said) from error


def contest_problems(spec: RunSpec) -> list[str]:
    """Problems of the engines that a contest tries."""
    if spec.contest is None:
        wanted = spec.purpose is Purpose.CONTEST
        return ["Say which engines to try."] if wanted else []
    engines, problems = spec.contest.engines, []
    if spec.purpose is not Purpose.CONTEST:
        problems.append("`contest` is for trying several engines only: leave it out.")
    if not LEAST_TRIED <= len(set(engines)) == len(engines) <= MOST_TRIED:
        problems.append(f"Choose from {LEAST_TRIED} to {MOST_TRIED} different engines to try.")
    problems += [f"There is no engine {name!r} to try." for name in engines if name not in ENGINES]
    known = [ENGINES[name] for name in engines if name in ENGINES]
    problems += [
        f"`{info.name}` gives a formal guarantee: it cannot be compared with others on the real "
        "rows without spending of the budget. Leave it out."
        for info in known
        if info.formal_guarantee
    ]
    if spec.engine not in engines:
        problems.append("`engine` must be one of those that are tried.")
    if spec.model_of or spec.fallback:
        problems.append("Trying several engines takes no model and no `fallback`: leave them out.")
    return problems


def fallback_problems(spec: RunSpec) -> list[str]:
    """Problems of the engines that a run goes on with; none where the data decide."""
    if not spec.fallback:
        return []
    order = engines_of(spec)
    problems = [
        f"There is no engine {name!r} to go on with." for name in order[1:] if name not in ENGINES
    ]
    known = [ENGINES[name] for name in order[1:] if name in ENGINES]
    if spec.engine in ENGINES and ENGINES[spec.engine].formal_guarantee:
        problems.append(
            f"`{spec.engine}` gives a formal guarantee: a second engine would be charged to the "
            "budget again. Leave `fallback` empty, and start another run if this one fails."
        )
    elif any(info.formal_guarantee for info in known):
        problems.append("`fallback` cannot name engines with a formal guarantee: leave them out.")
    if len(set(order)) < len(order):
        problems.append("`fallback` must name other engines than the first, each once.")
    if len(order) - 1 > MOST:
        problems.append(f"`fallback` can name {MOST} engines at most. Got {len(order) - 1}.")
    if spec.purpose is Purpose.IMPUTE and not all(info.takes_context for info in known):
        able = ", ".join(name for name, info in ENGINES.items() if info.takes_context)
        problems.append(f"`fallback` can only name engines that fill cells given others: {able}.")
    if spec.model_of:
        problems.append(
            "A model that is sampled again has no other engine: leave `fallback` empty."
        )
    return problems
