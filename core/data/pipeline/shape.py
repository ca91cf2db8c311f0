"""What steps make of a schema, and what speaks against them: told from the steps, not from rows."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from core.data.coarser import is_coarsened, problems_of
from core.data.pipeline.missing import DropMissing
from core.data.pipeline.registry import Steps
from core.data.pipeline.step import Step
from core.data.schema import Action, Schema, Table
from core.errors import InvalidInput, NotFound

MOST_STEPS = 2_000
_WITHHELD = {Action.MASK: "masked", Action.REPLACE: "replaced", Action.DROP: "dropped"}
PRIVATE_REFUSAL = (
    "With a formal guarantee a preparation may only change each cell by itself, as it was told. "
    "These steps look at the rows, or move rows in and out, beside the budget: {}. Leave them out."
)


def prepared_table(steps: Sequence[Step], table: Table) -> Table:
    """The table as its steps leave it."""
    for step in steps:
        table = table.with_column(step.after(table[step.column]))
    return table


def prepared_schema(steps: Steps, schema: Schema) -> Schema:
    """The schema as the steps leave it."""
    tables = tuple(prepared_table(steps.get(t.name, ()), t) for t in schema.tables)
    return Schema(tables, schema.relationships)


def stages(steps: Sequence[Step], table: Table) -> Iterator[tuple[Step, Table]]:
    """Each step with the table that it meets, in order."""
    for step in steps:
        yield step, table
        table = table.with_column(step.after(table[step.column]))


def restored_table(steps: Sequence[Step], source: Table, output: Table) -> Table:
    """A sampled table, in which columns may be dropped, as it is given out."""
    for step, before in reversed(list(stages(steps, source))):
        if step.column in output.names:
            arriving = output[step.column]
            output = output.with_column(step.back(before[step.column], arriving))
    return output


def restored_schema(steps: Steps, source: Schema, output: Schema) -> Schema:
    """The schema of what is given out, of that of what is sampled."""
    tables = tuple(restored_table(steps.get(t.name, ()), source[t.name], t) for t in output.tables)
    return Schema(tables, output.relationships)


def steps_problems(steps: Steps, schema: Schema) -> list[str]:
    """Everything that speaks against the steps, each with its table and place; no row is read."""
    problems = [
        f"There is no table {name!r} to prepare." for name in steps if name not in schema.names
    ]
    for table in schema.tables:
        problems += _table_problems(steps.get(table.name, ()), table, schema)
    if sum(map(len, steps.values())) > MOST_STEPS:
        problems.append(f"A preparation has at most {MOST_STEPS:,} steps.")
    return problems


def private_problems(steps: Steps) -> list[str]:
    """Why an engine with a formal guarantee cannot have these steps; empty when it can."""
    wrong = [
        f"{step.kind} of {table}.{step.column}"
        for table, own in steps.items()
        for step in own
        if not step.is_public
    ]
    return [PRIVATE_REFUSAL.format(", ".join(wrong))] if wrong else []


def public_steps(steps: Steps) -> dict[str, tuple[Step, ...]]:
    """The steps without those that look at rows."""
    kept = {name: tuple(step for step in own if step.is_public) for name, own in steps.items()}
    return {name: own for name, own in kept.items() if own}


def refuse_problems(steps: Steps, schema: Schema) -> None:
    """Raise ``InvalidInput`` with everything that speaks against the steps."""
    problems = steps_problems(steps, schema)
    if problems:
        raise InvalidInput("The preparation cannot be used. " + " ".join(problems), problems)


def in_words(steps: Steps) -> list[str]:
    """What is done, a line for each kind and table; columns by name, no value."""
    return [
        f"{one.table}: {one.title.lower()} ({', '.join(one.columns)})" for one in named_steps(steps)
    ]


@dataclass(frozen=True, slots=True)
class NamedSteps:
    """The steps of one kind on one table: how many, and on which columns; no values."""

    table: str
    kind: str
    title: str
    columns: tuple[str, ...]
    steps: int


def named_steps(steps: Steps) -> tuple[NamedSteps, ...]:
    """What is done, by table and kind, in the order in which the kinds first occur."""
    found: dict[tuple[str, str], list[Step]] = {}
    for table, own in steps.items():
        for step in own:
            found.setdefault((table, step.kind), []).append(step)
    return tuple(
        NamedSteps(
            table, kind, own[0].title, tuple(dict.fromkeys(step.column for step in own)), len(own)
        )
        for (table, kind), own in found.items()
    )


def counted_kinds(steps: Steps) -> dict[str, int]:
    """How many steps there are of each kind."""
    kinds = [step.kind for own in steps.values() for step in own]
    return {kind: kinds.count(kind) for kind in dict.fromkeys(kinds)}


def _table_problems(steps: Sequence[Step], table: Table, schema: Schema) -> list[str]:
    keys, problems = schema.keys_of(table.name), []
    parents = {link.parent for link in schema.relationships}
    turned: dict[str, list[Step]] = {}
    for place, step in enumerate(steps, 1):
        found = _step_problems(step, table, keys)
        if isinstance(step, DropMissing) and table.name in parents:
            found.append("rows of other tables point to these; fill or keep them")
        before = table
        if not found:
            table = table.with_column(step.after(table[step.column]))
            found = _chain_problems(step, before, table, turned)
        problems += [f"{table.name}, step {place} ({step.kind}): {one}." for one in found]
    return problems


def _step_problems(step: Step, table: Table, keys: frozenset[str]) -> list[str]:
    try:
        column = table[step.column]
        for name in step.others:
            table[name]
    except NotFound as error:
        return [str(error).rstrip(".")]
    if column.name in keys:
        return [f"{column.name!r} is a key; a changed key would point elsewhere"]
    if step.keeps_values and column.action in _WITHHELD:
        done = _WITHHELD[column.action]
        return [f"{column.name!r} is {done}, and this step would keep real values of it"]
    if column.type not in step.takes:
        return [f"{column.name!r} is of type {column.type}, which it does not take"]
    return step.problems(table)


def _chain_problems(
    step: Step, before: Table, after: Table, turned: dict[str, list[Step]]
) -> list[str]:
    """A step that is turned back must find the column as it left it."""
    own = turned.setdefault(step.column, [])
    old, new = before[step.column], after[step.column]
    comes_back = step.back(old, new)
    problems = []
    if is_coarsened(new) and new.type is not old.type:
        problems += [text.rstrip(".") for text in problems_of(new)]
    if own and comes_back.type is not old.type:
        problems.append(
            f"{own[-1].kind} before it turns {step.column!r} back into what it was, and this step "
            "leaves another type; let this one go back, too, or that one not"
        )
    if own and own[-1].kind == "convert" and step.kind in {"merge_rare", "frequent"}:
        problems.append(
            f"{own[-1].kind} before it turns {step.column!r} back into its type, which the merged "
            "label is none of; set its `original` to false"
        )
    if new.type is not old.type and comes_back.type is old.type:
        own.append(step)
    return problems
