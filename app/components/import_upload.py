"""Sending a large file from the browser: piece by piece, with progress, going on after a break.

The script talks to ``/api/uploads`` itself, so that no piece goes through Streamlit's memory.
"""

from collections.abc import Sequence
from pathlib import Path

import streamlit as st

from app.components.page import plain
from app.resources import studio
from core.governance.policy import Actor
from core.studio.uploads import Upload

HTML = """
<div class="box">
  <label for="file">Choose a file</label>
  <input id="file" type="file" />
  <progress id="bar" max="1" value="0" hidden></progress>
  <div id="said" role="status" aria-live="polite"></div>
  <button id="stop" type="button" hidden>Pause</button>
</div>
"""
CSS = """
.box { display: flex; flex-direction: column; gap: 0.6rem; color: var(--st-text-color);
  font-family: var(--st-font); font-size: 0.95rem; }
input { color: var(--st-text-color); font: inherit; max-width: 100%; }
progress { width: 100%; height: 0.7rem; accent-color: var(--st-primary-color); }
button { align-self: flex-start; font: inherit; padding: 0.3rem 0.9rem; cursor: pointer;
  color: var(--st-text-color); background: var(--st-secondary-background-color);
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius); }
input::file-selector-button { font: inherit; padding: 0.3rem 0.9rem; margin-right: 0.8rem;
  cursor: pointer; color: var(--st-text-color); background: var(--st-secondary-background-color);
  border: 1px solid var(--st-border-color); border-radius: var(--st-button-radius); }
#said { min-height: 1.3em; }
"""
SCRIPT = Path(__file__).with_suffix(".js").read_text(encoding="utf-8")
GIB = 1024**3

_component = st.components.v2.component("studio_large_upload", html=HTML, css=CSS, js=SCRIPT)


def send_large_file(actor: Actor, project_id: str, most_gib: float) -> list[Upload]:
    """Show the place to send a large file from; return the uploads that have arrived."""
    uploads = list(studio().uploads.list(actor, project_id))
    waiting = [u for u in uploads if not u.is_checked]
    _component(
        key="large_upload",
        data={
            "project": project_id,
            "most": int(most_gib * GIB),
            "open": [{"id": u.id, "name": u.name, "size": u.size} for u in waiting],
        },
        on_done_change=lambda: None,
    )
    for upload in waiting:
        _waiting(actor, upload)
    _from_terminal(actor, project_id)
    return [u for u in uploads if u.is_checked]


def chosen_uploads(uploads: Sequence[Upload]) -> list[str]:
    """Let the user choose which of the files that have arrived become one dataset."""
    names = {u.id: f"{u.name} ({u.size / 2**20:,.1f} MiB)" for u in uploads}
    return list(
        st.multiselect(
            "Files that have arrived",
            list(names),
            default=list(names),
            format_func=names.__getitem__,
            key=f"arrived_{len(names)}",
            help="Several files become one dataset of related tables.",
        )
    )


def _waiting(actor: Actor, upload: Upload) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(
            upload.received / upload.size,
            f"{plain(upload.name)}: {upload.received / 2**20:,.1f} of "
            f"{upload.size / 2**20:,.1f} MiB. Choose the same file again to go on.",
        )
        if st.button("Remove", key=f"remove_{upload.id}", icon=":material/delete:"):
            studio().uploads.remove(actor, upload.id)
            st.rerun()


def _from_terminal(actor: Actor, project_id: str) -> None:
    with st.expander("Send it from a terminal instead", icon=":material/terminal:"):
        st.caption(
            "For a file that lies on another machine. The token is good for this one file, and "
            "shown once."
        )
        name = st.text_input("File name", key="terminal_name", placeholder="customers.csv")
        size = st.number_input("Size in bytes", 1, None, None, key="terminal_size", step=1)
        if st.button("Make the command", key="terminal_make", disabled=not (name and size)):
            upload, token = studio().uploads.begin(actor, project_id, name, int(size or 0))
            st.code(_command(upload, token), language="bash", wrap_lines=True)


def _command(upload: Upload, token: str) -> str:
    """Lines for a shell; run again, they go on where they broke off."""
    base = st.context.url.split("/datasets")[0].rstrip("/") if st.context.url else "http://…"
    return (
        f"URL={base}/api/uploads/{upload.id}\n"
        f"KEY='Authorization: Bearer {token}'\n"
        'AT=$(curl -fsS -H "$KEY" $URL | sed \'s/.*"received":\\([0-9]*\\).*/\\1/\')\n'
        f"tail -c +$((AT+1)) '{_quoted(upload.name)}' | "
        'curl -fsS -X PUT -H "$KEY" -T - "$URL?offset=$AT"\n'
        f"curl -fsS -X POST -H \"$KEY\" -H 'Content-Type: application/json' $URL/finish \\\n"
        f'  -d "{{\\"sha256\\":\\"$(sha256sum \'{_quoted(upload.name)}\' | cut -d\' \' -f1)\\"}}"'
    )


def _quoted(name: str) -> str:
    return name.replace("'", "'\\''")
