"""The entrypoint that Streamlit runs on every interaction: gate, menu, sidebar, page."""

import streamlit as st

from app.components.auth import keep_cookie, show_gate, sign_out
from app.components.jobs import jobs_strip
from app.components.page import guard, page_header, plain
from app.memory import one_run
from app.navigation import ROOT, PageSpec, existing_pages, may_open, menu, page_path, spec_of
from app.session import (
    begin_run,
    choose_project,
    current_project,
    follow_link,
    own_projects,
    project_labels,
)
from app.words import ROLE_NAMES
from core.governance.policy import Actor


def main() -> None:
    """Run the page that the browser asks for, if there is somebody to show it to."""
    with one_run():
        show()


def show() -> None:
    """Show the gate, or the sidebar and the page."""
    icon = str(ROOT / "assets" / "icon.svg")
    st.set_page_config(page_title="Synth Studio", page_icon=icon, layout="wide")
    actor = begin_run()
    pages = menu(actor, existing_pages())
    page = st.navigation(pages, position="sidebar" if actor else "hidden", expanded=True)
    if actor is None:
        show_gate()
        return
    theme = "dark" if st.context.theme.type == "dark" else "light"
    st.logo(str(ROOT / "assets" / f"logo-{theme}.svg"), icon_image=icon, size="large")
    with guard():
        show_sidebar(actor)
        spec = spec_of(page)
        if may_open(actor, spec):
            page.run()
        else:
            show_denied(actor, spec)


def show_sidebar(actor: Actor) -> None:
    """Show the project, work in the background and the account on every page."""
    with st.sidebar:
        project_picker(actor)
        jobs_strip(actor)
        account_menu(actor)
        keep_cookie()


def project_picker(actor: Actor) -> None:
    """Let the actor choose among their projects."""
    follow_link(actor)
    projects = own_projects(actor)
    chosen = current_project()
    if chosen is None:
        st.caption(":material/workspaces: No project yet")
        return
    names = project_labels(projects)
    st.session_state["project_picker"] = chosen.id
    st.selectbox(
        "Project",
        list(names),
        format_func=lambda key: names.get(key, key),
        key="project_picker",
        on_change=pick_project,
        args=(actor,),
    )


def pick_project(actor: Actor) -> None:
    """Go to the chosen project; what the address named belongs to the one before."""
    for name in ("dataset", "run", "from", "again", "release"):
        st.query_params.pop(name, None)
    choose_project(actor, st.session_state["project_picker"])


def account_menu(actor: Actor) -> None:
    """Show who is signed in, with the way to their settings and out."""
    with st.popover(plain(actor.name), icon=":material/account_circle:"):
        st.markdown(f"**{plain(actor.name)}**  \n{plain(actor.username)}")
        st.caption(ROLE_NAMES[actor.role])
        st.page_link(page_path("settings"), label="Password and sessions")
        st.button("Sign out", icon=":material/logout:", key="sign_out", on_click=sign_out)


def show_denied(actor: Actor, spec: PageSpec) -> None:
    """Show that the actor's role has no use for a page, and the way back."""
    page_header(spec.title)
    st.warning(
        f"**You may not open this page.** It is not for the role "
        f"“{ROLE_NAMES[actor.role]}”. Ask a platform administrator if you need it.",
        icon=":material/lock:",
    )
    st.page_link(page_path("home"), label="Back to home", icon=":material/home:")


if __name__ == "__main__":
    main()
