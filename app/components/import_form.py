"""Adding tables to a project: from this computer, as a large file, from a folder of the server."""

from functools import partial

import streamlit as st

from app.components.datasets import counted, go_to_next_step
from app.components.import_preview import settled_options
from app.components.import_upload import chosen_uploads, send_large_file
from app.components.page import guard, plain
from app.components.upload import (
    FORMATS,
    SMALL_MIB,
    choose_files,
    import_uploads,
    preview_uploads,
    suggested_name,
)
from app.components.versions import ADDRESS, choose_version, name_before
from app.navigation import page_path
from app.resources import settings, studio
from core.governance.policy import Actor
from core.studio.importing import Request, of_files
from core.studio.values import Project

SMALL, LARGE, FOLDER, DATABASE = (
    "From this computer",
    "A large file",
    "A folder of the server",
    "A database or storage",
)


def show_upload(actor: Actor, project: Project) -> bool:
    """Show the form for files; tell whether there are any, whose import is the next step then."""
    with st.container(border=True):
        st.subheader("Add your own tables", anchor=False)
        if ADDRESS in st.query_params:
            earlier = name_before(actor, project.id, st.query_params[ADDRESS])
            if earlier:
                st.info(f"A new version of **{plain(earlier)}**.", icon=":material/history:")
                icon, own = ":material/close:", "A dataset of its own instead"
                st.page_link(page_path("datasets"), label=own, icon=icon)
        places = [SMALL, LARGE, FOLDER, DATABASE] if settings().import_folders else [
            SMALL, LARGE, DATABASE,
        ]  # fmt: skip
        place = st.segmented_control(
            "Where they are",
            places,
            default=SMALL,
            required=True,
            key="import_place",
            label_visibility="collapsed",
        )
        if place == LARGE:
            return _large(actor, project)
        if place == FOLDER:
            return _folder(actor, project)
        if place == DATABASE:
            st.caption(
                "Keep a connection to a database, a file over https or object storage, look at "
                "what is there, and import what you choose."
            )
            if st.button("Go to the connections", icon=":material/database:"):
                st.switch_page(page_path("connections"))
            return False
        return _small(actor, project)


def _small(actor: Actor, project: Project) -> bool:
    files = choose_files()
    if not files:
        st.caption(f"{FORMATS} For more than {SMALL_MIB} MiB, choose *{LARGE}*.")
        return False
    names = ", ".join(file.name for file in files)
    options, is_readable = {}, False
    with guard(stop=False):
        key = "_".join(file.file_id for file in files)
        look = partial(preview_uploads, actor, project.id, files)
        options, is_readable = settled_options(look, key)
    name = st.text_input(
        "Name of the dataset",
        suggested_name([file.name for file in files]),
        max_chars=200,
        key=f"name_of_{names}",
    )
    version_of = choose_version(actor, project.id)
    if _button(len(files), is_readable):
        with guard(stop=False), st.spinner("Reading, describing and encrypting the tables"):
            go_to_next_step(import_uploads(actor, project.id, name, files, options, version_of))
    return True


def _large(actor: Actor, project: Project) -> bool:
    most = settings().upload_gib
    st.caption(
        f"Up to {most:g} GiB. It is sent in pieces, encrypted as it arrives, and goes on where it "
        "broke off. What is not imported within two days is removed."
    )
    with guard():
        arrived = send_large_file(actor, project.id, most)
        if not arrived:
            return False
        chosen = chosen_uploads(arrived)
        if not chosen:
            return False
        uploads = studio().uploads
        files = uploads.files(actor, chosen)

        def look(options):  # type: ignore[no-untyped-def]
            return studio().imports.preview(actor, project.id, files, options)

        options, is_readable = settled_options(look, "_".join(chosen))
        default = suggested_name([original for original, _ in files])
        name = st.text_input("Name of the dataset", default, max_chars=200, key=f"name_{chosen[0]}")
        version_of = choose_version(actor, project.id)
        if _button(len(chosen), is_readable):
            uploads.start_import(actor, name, chosen, options, version_of)
            st.rerun()
    return True


def _folder(actor: Actor, project: Project) -> bool:
    with guard():
        imports = studio().imports
        known = list(imports.folder_files(actor, project.id))
        if not known:
            st.caption("The import folders hold no tables now.")
            return False
        labels = {
            (f.folder, f.path): f"{f.folder_name}/{f.path} ({f.size / 2**20:,.1f} MiB)"
            for f in known
        }
        chosen = st.multiselect(
            "Files in the import folders",
            list(labels),
            format_func=labels.__getitem__,
            key="folder_files",
        )
        if not chosen:
            return False
        files = imports.from_folder(actor, project.id, chosen)

        def look(options):  # type: ignore[no-untyped-def]
            return imports.preview(actor, project.id, files, options)

        options, is_readable = settled_options(look, f"folder_{chosen}")
        names = [original for original, _ in files]
        name = st.text_input("Name of the dataset", suggested_name(names), max_chars=200)
        version_of = choose_version(actor, project.id)
        if _button(len(files), is_readable):
            request = Request(
                project.id, name, tuple(names), options=options, version_of=version_of
            )
            imports.start(actor, request, of_files(files))
            st.rerun()
    return True


def _button(count: int, is_readable: bool) -> bool:
    return st.button(
        f"Import {counted(count, 'file')}",
        key="import",
        type="primary",
        icon=":material/upload:",
        disabled=not is_readable,
        help=None if is_readable else "Correct first how the file above is read.",
    )
