"""Where things came from and what became of them: edges from ``kind:id`` to ``kind:id``."""

from collections.abc import Collection

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core.governance.audit import clip
from core.governance.values import Edge
from core.store.tables import EdgeRow

MOST_TEXT = 80


def add_edge(session: Session, project_id: str, source: str, target: str, label: str = "") -> Edge:
    """Record that ``source`` went into ``target``; the same edge twice is one."""
    edge = Edge(clip(source, MOST_TEXT), clip(target, MOST_TEXT), clip(label, MOST_TEXT))
    same = select(EdgeRow).filter_by(
        project_id=project_id, source=edge.source, target=edge.target, label=edge.label
    )
    if session.scalars(same.limit(1)).first() is None:
        session.add(
            EdgeRow(project_id=project_id, source=edge.source, target=edge.target, label=edge.label)
        )
        session.flush()
    return edge


def connected(session: Session, node: str, project_id: str | None = None) -> list[Edge]:
    """All edges on the ways that lead to ``node`` and on those that lead away from it.

    Other things made of the same sources are not among them.

    Parameters
    ----------
    session
        A session of the state.
    node
        ``kind:id``.
    project_id
        Where to look. None: in the project of the node, which only a random id tells; a file name
        may occur in several projects.

    Returns
    -------
    list of Edge
        Origins first, each edge once.
    """
    node = clip(node, MOST_TEXT)
    if project_id is None:
        touching = or_(EdgeRow.source == node, EdgeRow.target == node)
        query = select(EdgeRow.project_id).where(touching)
        project_id = session.scalars(query.order_by(EdgeRow.created_at).limit(1)).first()
    before = _walk(session, node, project_id, back=True)
    return [*reversed(before), *_walk(session, node, project_id, back=False)]


def _walk(session: Session, node: str, project_id: str | None, *, back: bool) -> list[Edge]:
    """Edges met when following arrows from ``node`` in one direction, nearest first."""
    near, far = (EdgeRow.target, EdgeRow.source) if back else (EdgeRow.source, EdgeRow.target)
    found: dict[Edge, None] = {}
    seen: set[str] = set()
    border: Collection[str] = {node}
    while border:
        seen.update(border)
        rows = session.scalars(
            select(EdgeRow)
            .where(EdgeRow.project_id == project_id, near.in_(sorted(border)))
            .order_by(EdgeRow.created_at, far)
        ).all()
        found.update({Edge(r.source, r.target, r.label): None for r in rows})
        border = {r.source if back else r.target for r in rows} - seen
    return list(found)
