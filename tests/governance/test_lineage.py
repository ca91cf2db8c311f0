"""The way from files to a release, and nothing beside it."""

from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from core.governance.lineage import add_edge, connected
from core.governance.values import Edge
from core.store.tables import Base, EdgeRow
from tests.governance.world import World

STEPS = [
    ("file:a.csv", "dataset:d1", "import"),
    ("dataset:d1", "run:r1", "forest"),
    ("dataset:d1", "run:r2", "copula"),
    ("run:r1", "release:x1", "version 1"),
    ("run:r1", "release:x2", "version 2"),
    ("file:a.csv", "dataset:d9", "import"),
    ("dataset:d9", "run:r9", "forest"),
]


def test_only_the_ways_to_and_from_a_node(world: World) -> None:
    with world.database.session() as session:
        for step in STEPS:
            add_edge(session, "p1", *step)
        add_edge(session, "p2", "file:a.csv", "dataset:other", "import")

    def names(node: str, project_id: str | None = None) -> list[tuple[str, str]]:
        with world.database.reading() as session:
            return [(e.source, e.target) for e in connected(session, node, project_id)]

    assert names("release:x1") == [
        ("file:a.csv", "dataset:d1"),
        ("dataset:d1", "run:r1"),
        ("run:r1", "release:x1"),
    ]
    assert set(names("run:r1")) == {step[:2] for step in (STEPS[0], STEPS[1], *STEPS[3:5])}
    assert names("file:a.csv", "p2") == [("file:a.csv", "dataset:other")]
    assert len(names("file:a.csv", "p1")) == len(STEPS)
    assert names("release:none") == []


def test_the_same_edge_twice_is_one_and_long_names_are_clipped(world: World) -> None:
    long = "file:" + "x" * 200
    with world.database.session() as session:
        for _ in range(2):
            edge = add_edge(session, "p1", long, "dataset:d1", "import")
        assert session.scalar(select(func.count()).select_from(EdgeRow)) == 1
        assert connected(session, long) == [edge]
    assert len(edge.source) == 80


@settings(max_examples=40)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), max_size=15), st.integers(0, 6))
def test_walking_ends_in_cycles_and_finds_exactly_what_is_reachable(
    pairs: list[tuple[int, int]], start: int
) -> None:
    engine = create_engine("sqlite://")
    Base.metadata.create_all(engine)
    with Session(engine) as session:
        for source, target in pairs:
            add_edge(session, "p", f"n:{source}", f"n:{target}")
        found = connected(session, f"n:{start}", "p")
    engine.dispose()
    down, up = {start}, {start}
    for _ in pairs:
        down |= {t for s, t in pairs if s in down}
        up |= {s for s, t in pairs if t in up}
    expected = {(s, t) for s, t in pairs if s in down or t in up}
    assert set(found) == {Edge(f"n:{s}", f"n:{t}", "") for s, t in expected}
