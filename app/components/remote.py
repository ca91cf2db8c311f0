"""Files of the web and of object storage: the form for a connection, and choosing files."""

import streamlit as st

from app.components.page import guard
from app.resources import studio
from core.data.remote import Listing, Place
from core.governance.policy import Actor
from core.studio.kept_connections import Connection
from core.studio.values import Project

WEB_EXAMPLE = "https://files.example.org/2024/orders.csv"
BUCKET_EXAMPLE = "s3://bucket/folder/"
BUCKET_FIELDS = ("name", "address", "endpoint", "region", "key_id", "secret")
KEPT = "connection_was_kept"
NEVER_SHOWN = "It is encrypted at once and never shown again, to nobody."


def forget_typed(*keys: str) -> None:
    """Empty a form's fields once what was typed into them is kept; call it before they are shown.

    A secret would else stay where it was typed, and could be made visible there.
    """
    if st.session_state.pop(KEPT, False):
        st.session_state.update(dict.fromkeys(keys, ""))


def show_add_web(actor: Actor, project: Project) -> None:
    """Show the form for a file under an address of the web."""
    forget_typed("web_name", "web_address")
    with st.form("new_web", border=False):
        name = st.text_input("Name", max_chars=200, key="web_name")
        address = _hidden("Address", "web_address", WEB_EXAMPLE)
        st.caption(
            f"For example `{WEB_EXAMPLE}`. A name and a password go before the host, as in "
            "`https://name:password@host`, special characters of the password as `%40`."
        )
        added = st.form_submit_button("Try it and keep it", key="keep_web", type="primary")
    if added:
        _add(actor, project, name, Place(address))


def show_add_bucket(actor: Actor, project: Project) -> None:
    """Show the form for a bucket, or the part of one whose keys begin alike."""
    forget_typed(*(f"bucket_{field}" for field in BUCKET_FIELDS))
    with st.form("new_bucket", border=False):
        name = st.text_input("Name", max_chars=200, key="bucket_name")
        address = st.text_input(
            "Bucket",
            key="bucket_address",
            placeholder=BUCKET_EXAMPLE,
            help="`s3://` for Amazon S3 and what works like it, `gs://` for Google Cloud Storage. "
            "What follows the bucket is what keys have to begin with.",
        )
        left, right = st.columns(2)
        endpoint = left.text_input(
            "Endpoint",
            key="bucket_endpoint",
            placeholder="https://host:port",
            help="Of a service of your own. Empty: Amazon's of the region, or Google's.",
        )
        region = right.text_input("Region", key="bucket_region", placeholder="eu-central-1")
        key_id = _hidden("Key id", "bucket_key_id", "Empty for a public bucket")
        secret = _hidden("Secret", "bucket_secret", "Empty for a public bucket")
        st.caption("Use a key that may only list and read. Google: an HMAC key.")
        added = st.form_submit_button("Try it and keep it", key="keep_bucket", type="primary")
    if added:
        _add(actor, project, name, Place(address, endpoint, region, key_id, secret))


def choose_remote_files(actor: Actor, connection: Connection) -> list[str]:
    """Let the user choose files of a connection; return their keys."""
    listing = _listed(actor, connection)
    sizes = {file.key: file.size for file in listing.files}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.multiselect(
            "Files",
            list(sizes),
            default=list(sizes) if len(sizes) == 1 else None,
            format_func=lambda key: f"{key} ({_words(sizes[key])})",
            key=f"files_{connection.id}",
            placeholder="Choose files" if sizes else "There is no file that the studio reads",
            help="How text files are read is found out. Rows that cannot be read are kept aside.",
        )
        if st.button("List again", key="list_again", icon=":material/refresh:"):
            st.session_state.pop(_place_of(connection), None)
            st.rerun()
    if not listing.is_complete:
        st.caption(f"The first {len(sizes):,} files; a longer beginning of the keys shows others.")
    return chosen


def _listed(actor: Actor, connection: Connection) -> Listing:
    """What the server said last; it is asked again on request."""
    place = _place_of(connection)
    if place not in st.session_state:
        with st.spinner("Asking the server"):
            st.session_state[place] = studio().remote.files(actor, connection.id)
    return st.session_state[place]


def _place_of(connection: Connection) -> str:
    return f"remote_{connection.id}"


def _add(actor: Actor, project: Project, name: str, place: Place) -> None:
    with guard(stop=False), st.spinner("Connecting"):
        studio().remote.add(actor, project.id, name, place)
        st.session_state[KEPT] = True
        st.rerun()


def _hidden(label: str, key: str, placeholder: str) -> str:
    return st.text_input(
        label,
        type="password",
        key=key,
        placeholder=placeholder,
        autocomplete="off",
        help=NEVER_SHOWN,
    )


def _words(size: int | None) -> str:
    if size is None:
        return "size unknown"
    return f"{size / 2**20:,.1f} MiB" if size >= 2**20 else f"{size / 2**10:,.1f} KiB"
