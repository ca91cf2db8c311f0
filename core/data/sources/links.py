"""Keys of a catalogue for the tables that were imported, where their rows bear them out."""

from collections.abc import Sequence
from dataclasses import replace

from core.data.importing import Imported, Job
from core.data.keys import contained
from core.data.keys_stored import stored_values
from core.data.linked import link_keys
from core.data.schema import Relationship
from core.data.sources.catalogue import TableDetails
from core.data.sources.selection import Selection


def linked(
    imported: Imported,
    selections: Sequence[Selection],
    details: Sequence[TableDetails | None],
    job: Job,
) -> Imported:
    """Foreign keys of the catalogue, as far as all rows that they point to came along."""
    places = {
        (s.name.schema, s.name.name): name
        for s, name in zip(selections, imported.schema.names, strict=True)
        if not s.query
    }
    links, notes = list(imported.schema.relationships), list(imported.notes)
    for known, child in zip(details, imported.schema.names, strict=True):
        for key in known.foreign_keys if known else ():
            parent = places.get((key.schema, key.table))
            if parent is None or not set(key.columns) <= set(imported.schema[child].names):
                continue
            link = Relationship.of(parent, key.targets, child, key.columns)
            if not _holds(link, imported, job):
                said = " and ".join(map(repr, key.columns))
                notes.append(
                    f"Table {child!r}: {said} points to rows of {parent!r} that were not "
                    "imported, so the two are not related here."
                )
                continue
            same = [x for x in links if x.child == child and _share_columns(x, link)]
            if any(len(x.child_columns) > len(key.columns) for x in same):
                continue
            links = [*(x for x in links if x not in same), link]
    schema = replace(imported.schema, relationships=tuple(links))
    keys = {
        name: key
        for name, key in _composite_keys(schema.names, details).items()
        if set(key) <= set(schema[name].names)
    }
    return replace(imported, schema=schema, notes=tuple(notes), composite=keys)


def _holds(link: Relationship, imported: Imported, job: Job) -> bool:
    parent = imported.schema[link.parent]
    if not set(link.parent_columns) <= set(parent.names):
        return False
    if not link.more and parent.primary_key != link.parent_key:
        return False
    ends = (link.parent, link.child)
    if any(len(imported.frames[name]) < imported.rows[name] for name in ends):
        paths = {name: job.path_of(imported.schema.names.index(name)) for name in ends}
        with stored_values(job.vault, paths, imported.rows) as values:
            return values.points(parent, imported.schema[link.child], link)
    parents, child = link_keys(imported.frames, link)
    if link.more and (parents.isna().any() or parents.duplicated().any()):
        return False
    return contained(child, parents) == 1 or bool(child.isna().all())


def _share_columns(one: Relationship, other: Relationship) -> bool:
    return bool(set(one.child_columns) & set(other.child_columns))


def _composite_keys(
    names: Sequence[str], details: Sequence[TableDetails | None]
) -> dict[str, tuple[str, ...]]:
    """By table the catalogue's keys of several columns."""
    pairs = zip(names, details, strict=True)
    return {name: known.composite_key for name, known in pairs if known and known.composite_key}
