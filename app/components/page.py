"""What every page has in common: its header, its place on the way, its errors and empty states."""

import logging
import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import streamlit as st

from core.errors import (
    AuthenticationFailed,
    Conflict,
    IntegrityError,
    InvalidInput,
    NotFound,
    PermissionDenied,
    ReviewIncomplete,
    StudioError,
)

LOG = logging.getLogger("studio.face")
STEPS = {
    "upload": "Upload",
    "review": "Review",
    "generate": "Generate",
    "result": "Result",
    "release": "Release",
}


MARKDOWN = re.compile(r"([\\`\[\]$*_~<>#&|]|:(?=\w))")
CODE = re.compile(r"((?<!`)`[^`\n]+`(?!`))")


@dataclass(frozen=True, slots=True)
class ErrorLook:
    """How a class of errors is shown."""

    kind: type[StudioError]
    title: str
    icon: str
    alert: Callable[..., object]


LOOKS = (
    ErrorLook(PermissionDenied, "You may not do this", ":material/lock:", st.warning),
    ErrorLook(NotFound, "Not found", ":material/search_off:", st.warning),
    ErrorLook(ReviewIncomplete, "The review is not finished", ":material/rule:", st.warning),
    ErrorLook(InvalidInput, "This cannot be used", ":material/edit_off:", st.error),
    ErrorLook(AuthenticationFailed, "Sign-in failed", ":material/key_off:", st.error),
    ErrorLook(Conflict, "Not possible now", ":material/sync_problem:", st.warning),
    ErrorLook(IntegrityError, "A seal does not verify", ":material/gpp_bad:", st.error),
    ErrorLook(StudioError, "This did not work", ":material/error:", st.error),
)


def page_header(title: str, step: str | None = None, *, text: str = "", icon: str = "") -> None:
    """Show the title, a line on what the page is for, and where one is on the way.

    Parameters
    ----------
    title
        The page's title, in sentence case.
    step
        A key of :data:`STEPS` on pages that are a step of the way.
    text
        One sentence on what the page is for.
    icon
        A Material icon, ``:material/name:``.
    """
    if step is not None:
        st.markdown(_way(step))
    st.title(title, icon=icon or None, anchor=False)
    if text:
        st.caption(text)


def _way(step: str) -> str:
    names = list(STEPS)
    here = names.index(step)
    parts = []
    for number, name in enumerate(names):
        label = f"{number + 1} {STEPS[name]}"
        if number == here:
            parts.append(f":blue-badge[:material/location_on: {label}]")
        elif number < here:
            parts.append(f":gray[:material/check: {label}]")
        else:
            parts.append(f":gray[{label}]")
    return f":small[{' :gray[›] '.join(parts)}]"


@contextmanager
def guard(*, stop: bool = True) -> Iterator[None]:
    """Show a :class:`StudioError` of the block as a designed state instead of raising it.

    Parameters
    ----------
    stop
        End the run (in a fragment: the fragment's run) after showing the error, so that nothing
        below uses what the block did not make. ``False`` goes on behind the block.
    """
    try:
        yield
    except StudioError as error:
        show_error(error)
        if stop:
            st.stop()


def show_error(error: StudioError) -> str:
    """Show what, where and what to do, log it, and return the reference that joins the two."""
    reference = new_reference()
    LOG.warning("%s %s: %s", reference, type(error).__name__, error)
    look = next(look for look in LOOKS if isinstance(error, look.kind))
    problems = getattr(error, "problems", ())
    lines = [f"**{look.title}.** {plain(_without(str(error), problems))}"]
    lines += [f"- {plain(problem)}" for problem in problems]
    look.alert("\n".join(lines), icon=look.icon)
    st.caption(f"Reference {reference}")
    return reference


def show_failure(error: BaseException) -> str:
    """Show that something unforeseen failed; the trace goes to the log under the reference."""
    reference = new_reference()
    LOG.error("%s unforeseen error", reference, exc_info=error)
    st.error(
        "**Something went wrong on our side.** Your data is as it was before this step. "
        "Try again; if it happens again, give the reference below to your administrator.",
        icon=":material/error:",
    )
    st.caption(f"Reference {reference}")
    return reference


def empty_state(
    title: str,
    text: str,
    action: Callable[[], object] | None = None,
    *,
    icon: str = ":material/inbox:",
) -> None:
    """Show that there is nothing here yet, why, and the one thing to do about it.

    ``action`` draws the button or link, for example
    ``lambda: st.page_link("pages/datasets.py", label="Upload data")``.
    """
    with st.container(border=True, horizontal_alignment="center", gap="small"):
        st.space("small")
        st.markdown(f"### {icon} {title}", text_alignment="center")
        st.markdown(f":gray[{text}]", text_alignment="center")
        if action is not None:
            action()
        st.space("small")


def new_reference() -> str:
    """Return a short random reference that a user can read out."""
    return secrets.token_hex(3).upper()


def _without(text: str, problems: Sequence[str]) -> str:
    for problem in problems:
        text = text.replace(problem, "")
    return " ".join(text.split())


def plain(text: str) -> str:
    """Return what somebody typed so that Markdown shows it letter by letter.

    For every name and note that goes into ``st.markdown``, a title, a caption or a label: an image
    in a project's name must not be fetched by whoever looks at it. Code between two single
    backticks stays; other runs of backticks are no code to Markdown and would let the rest through.
    """
    spans = CODE.split(text)
    spans[::2] = [MARKDOWN.sub(r"\\\1", span) for span in spans[::2]]
    return "".join(spans)
