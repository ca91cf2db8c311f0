"""Use cases around an import: how files are going to be read, imports under way, rows kept aside.

An import that takes long runs in a thread of the server, so that it goes on when the browser is
closed; what it does is mostly done by DuckDB and Arrow, beside Python.
"""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from core.data.archive import Openable, ReadLimits
from core.data.aside_store import Aside, aside_csv, read_asides
from core.data.folders import FolderFile, folder_file, folder_files, import_folders
from core.data.preview import Preview, preview_files
from core.data.schema import Schema
from core.data.sniff import ReadOptions
from core.errors import JobCancelled, NotFound, StudioError
from core.governance.policy import Actor
from core.store.tables import new_id, now
from core.studio.context import Context
from core.studio.downloads import Download, file_stem
from core.studio.importing import Request, Write, carry_out, of_files
from core.studio.stored import dataset_folder
from core.studio.values import Dataset

logger = logging.getLogger(__name__)
MOST_REMEMBERED = 50


class ImportState(StrEnum):
    """Where an import is."""

    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(slots=True)
class Import:
    """An import that goes on beside the page.

    Attributes
    ----------
    share
        How much of it is done, from 0 to 1.
    dataset_id
        What it made, once it is done.
    error, problems
        What went wrong, in words.
    """

    id: str
    project_id: str
    name: str
    started_by: str
    started_at: datetime = field(default_factory=now)
    state: ImportState = ImportState.RUNNING
    share: float = 0.0
    note: str = ""
    dataset_id: str = ""
    error: str = ""
    problems: tuple[str, ...] = ()


class _Watched:
    """Progress that is looked at from elsewhere, and ended from there."""

    def __init__(self, task: Import) -> None:
        self._task = task
        self.cancelled = threading.Event()

    def stage(self, name: str) -> None:
        """Stages are told by notes."""

    def step(
        self, done: float, total: float, note: str = "", values: Mapping[str, float] | None = None
    ) -> None:
        """Say how far it is; raises ``JobCancelled`` when it is to stop."""
        if self.cancelled.is_set():
            raise JobCancelled("The import was cancelled. Nothing of it was kept.")
        self._task.share = min(done / total, 1.0) if total else 0.0
        self._task.note = note


class Imports:
    """How files come in; every call checks the policy and writes an audit entry."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._lock = threading.Lock()
        self._tasks: dict[str, tuple[Import, _Watched, threading.Thread]] = {}

    def preview(
        self,
        actor: Actor,
        project_id: str,
        files: Sequence[tuple[str, Openable]],
        options: Mapping[str, ReadOptions] | None = None,
    ) -> Sequence[Preview]:
        """How files are going to be read, with their first rows; nothing is kept.

        Parameters
        ----------
        files
            ``(original name, where it lies)``.
        options
            What a person has said of text files, by the names in the previews.
        """
        with self._context.about_project(actor, "dataset.preview", project_id) as entry:
            entry.details["files"] = len(files)
            limits = ReadLimits.from_settings(self._context.settings)
            return preview_files(files, limits, options or {})

    def import_files(
        self,
        actor: Actor,
        project_id: str,
        name: str,
        files: Sequence[tuple[str, Openable]],
        options: Mapping[str, ReadOptions] | None = None,
        version_of: str = "",
    ) -> Dataset:
        """Import files as one dataset, and wait for it; see :func:`core.studio.importing`.

        ``version_of`` is the dataset that this is a new version of.
        """
        sources = tuple(original for original, _ in files)
        request = Request(project_id, name, sources, options=options or {}, version_of=version_of)
        return carry_out(self._context, actor, request, of_files(files))

    def folder_files(self, actor: Actor, project_id: str) -> Sequence[FolderFile]:
        """Files of the server that the administrator has opened for import."""
        with self._context.about_project(actor, "dataset.preview", project_id):
            return folder_files(import_folders(self._context.settings.import_folders))

    def from_folder(
        self, actor: Actor, project_id: str, chosen: Sequence[tuple[int, str]]
    ) -> Sequence[tuple[str, Openable]]:
        """Files of import folders, by folder and path, to look at or to import.

        Raises
        ------
        NotFound
            One is not there, or lies elsewhere in truth.
        """
        with self._context.about_project(actor, "dataset.preview", project_id) as entry:
            entry.details["files"] = len(chosen)
            folders = import_folders(self._context.settings.import_folders)
            paths = [folder_file(folders, folder, path) for folder, path in chosen]
            return [(path.name, path) for path in paths]

    def start(
        self,
        actor: Actor,
        request: Request,
        write: Write,
        after: Callable[[], None] | None = None,
    ) -> Import:
        """Begin an import that goes on beside the page.

        ``write`` reads what is to be imported; ``after`` is called when all of it is in the vault.
        """
        task = Import(new_id(), request.project_id, request.name, actor.username)
        watched = _Watched(task)
        watching = replace(request, progress=watched)
        thread = threading.Thread(
            target=self._run, args=(actor, watching, write, task, after), daemon=True
        )
        with self._lock:
            over = [key for key, kept in self._tasks.items() if kept[0].state != "running"]
            for key in over[: max(0, len(self._tasks) - MOST_REMEMBERED)]:
                del self._tasks[key]
            self._tasks[task.id] = (task, watched, thread)
        thread.start()
        return task

    def list(self, actor: Actor, project_id: str) -> Sequence[Import]:
        """Imports of a project since the studio started, newest first."""
        with self._context.about_project(actor, "dataset.list", project_id):
            with self._lock:
                known = [task for task, _, _ in self._tasks.values()]
            return [task for task in reversed(known) if task.project_id == project_id]

    def cancel(self, actor: Actor, import_id: str) -> None:
        """Have an import stop; what it made until then goes."""
        task, watched, _ = self._found(import_id)
        with self._context.guard.use_case(
            actor,
            "dataset.cancel_import",
            resource=f"import:{import_id}",
            project_id=task.project_id,
        ):
            watched.cancelled.set()

    def is_running(self, import_id: str) -> bool:
        """Whether an import of that id is under way."""
        with self._lock:
            found = self._tasks.get(import_id)
        return found is not None and found[0].state is ImportState.RUNNING

    def wait(self, import_id: str, seconds: float = 600.0) -> Import:
        """Wait for an import to end; for notebooks and tests."""
        task, _, thread = self._found(import_id)
        thread.join(seconds)
        return task

    def close(self) -> None:
        """Have all imports stop, and wait until they have."""
        with self._lock:
            known = list(self._tasks.values())
        for _, watched, _ in known:
            watched.cancelled.set()
        for _, _, thread in known:
            thread.join(30.0)

    def aside(self, actor: Actor, dataset_id: str) -> Mapping[str, Aside]:
        """Which rows of each table could not be read: counts, lines and reasons, no values."""
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "dataset.profile", row):
            names = Schema.from_dict(row.stored_schema).names
            found = read_asides(self._context.vault, dataset_folder(dataset_id))
            return {names[position]: aside for position, aside in found.items()}

    def aside_rows(self, actor: Actor, dataset_id: str, table: str) -> Download:
        """The rows of a table that could not be read, as CSV; for those who may see real rows."""
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "dataset.aside", row) as entry:
            position = Schema.from_dict(row.stored_schema).names.index(table)
            folder = dataset_folder(dataset_id)
            found = read_asides(self._context.vault, folder).get(position)
            if found is None:
                raise NotFound(f"No row of {table!r} was kept aside.")
            entry.details["rows"] = found.count
            chunks = aside_csv(self._context.vault, folder, position, found)
            stem = file_stem(f"{row.name}-{table}", "table")
            return Download(f"{stem}-kept-aside.csv", "text/csv", chunks)

    def _found(self, import_id: str) -> tuple[Import, _Watched, threading.Thread]:
        with self._lock:
            if import_id not in self._tasks:
                raise NotFound("There is no such import. It ended before the studio was started.")
            return self._tasks[import_id]

    def _run(
        self,
        actor: Actor,
        request: Request,
        write: Write,
        task: Import,
        after: Callable[[], None] | None,
    ) -> None:
        """The thread of an import: nothing it raises may be lost."""
        try:
            task.dataset_id = carry_out(self._context, actor, request, write).id
            if after is not None:
                after()
            task.state, task.share = ImportState.DONE, 1.0
        except JobCancelled as error:
            task.state, task.error = ImportState.CANCELLED, str(error)
        except StudioError as error:
            task.error, task.problems = str(error), getattr(error, "problems", ())
            task.state = ImportState.FAILED
        except Exception as error:  # the boundary of a job: the log has the trace
            logger.error("import %s failed", task.id, exc_info=error)
            task.error = "Something went wrong on our side; the log has it. Nothing was kept."
            task.state = ImportState.FAILED
