"""Before a run: which engine fits a dataset, what may be asked of it, and what a run would take."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import psutil
from sqlalchemy import select

from core.data.schema import Schema
from core.governance.policy import Actor
from core.jobs.processes import own_memory_mb
from core.store.tables import DatasetRow, RunRow
from core.studio.askable import askable
from core.studio.calibration import Calibration, KnownPaces
from core.studio.candidates import candidates_of
from core.studio.context import Context
from core.studio.estimating import Room, estimate, together
from core.studio.language_cost import language_in_words, questions_of, with_language
from core.studio.route_reasons import Wanted, data_of
from core.studio.routing import Route, private_route, refuse_unguaranteed, route, usual
from core.studio.specs import checked_spec
from core.studio.stored import read_profile
from core.studio.values import Askable, Estimate, Purpose, RunSpec, RunState, Suggestion
from core.studio.work import planned
from core.studio.writing import access_for
from core.synthesis.protocol import EngineInfo
from core.synthesis.registry import ENGINES

MOST_LOOKED_AT = 100


class Advice:
    """What is known of runs that have not started; every call is checked and audited."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._calibration = Calibration(context.vault)

    def engines(self) -> Sequence[EngineInfo]:
        """The engines that a run may take, those with a formal guarantee among them."""
        return list(ENGINES.values())

    def suggest(self, actor: Actor, dataset_id: str, *, private: bool) -> Suggestion:
        """The engine that the router puts first, with what to start from where it is private.

        Raises
        ------
        InvalidInput
            A guarantee is wanted for several tables.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "run.suggest", row):
            found = self._routed(row, RunSpec(), Wanted(private))
            if private:
                return private_route(found, Schema.from_dict(row.schema), row.table_rows)
            return found.suggestion

    def route(self, actor: Actor, dataset_id: str, spec: RunSpec, wanted: Wanted) -> Route:
        """Every engine in order, each with what a run with its usual parameters would cost.

        Raises as :meth:`suggest`.
        """
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "run.suggest", row):
            return self._routed(row, spec, wanted)

    def askable(self, actor: Actor, dataset_id: str) -> Mapping[str, tuple[Askable, ...]]:
        """By table, the columns of which something can be asked, from the stored profile."""
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "run.askable", row):
            profiles = read_profile(self._context.vault, row.id)
            return askable(Schema.from_dict(row.schema), row.table_rows, profiles)

    def estimate(self, actor: Actor, dataset_id: str, spec: RunSpec) -> Estimate:
        """What a specification would take, by past runs or by what was measured here."""
        row = self._context.dataset(dataset_id)
        with self._context.about(actor, "run.estimate", row):
            checked = checked_spec(self._context, row, spec)
            past = self._past()
            return self._with_language(row, checked, self._expected(row, checked, past), past)

    def _with_language(
        self, row: DatasetRow, spec: RunSpec, expected: Estimate, past: Sequence[RunRow]
    ) -> Estimate:
        schema = Schema.from_dict(row.schema)
        access = access_for(self._context.settings, schema, spec)
        if access is None:
            return expected
        profiles = read_profile(self._context.vault, row.id)
        questions = questions_of(schema, spec, row.table_rows, profiles)
        said = language_in_words(access, schema, spec, questions)
        return with_language(expected, access, questions, said, past)

    def _routed(self, row: DatasetRow, spec: RunSpec, wanted: Wanted) -> Route:
        engines = self.engines()
        profiles = {} if wanted.private else read_profile(self._context.vault, row.id)
        data = data_of(Schema.from_dict(row.schema), row.table_rows, spec, profiles)
        refuse_unguaranteed(data, engines, wanted)
        past = self._past()
        alone = replace(spec, contest=None)
        asked = {i.name: replace(alone, engine=i.name, params=usual(i)) for i in engines}
        known = self._calibration.known()
        costs = {name: self._expected(row, one, past, known) for name, one in asked.items()}
        return route(data, engines, wanted, costs)

    def _past(self) -> Sequence[RunRow]:
        """The last finished runs of this installation."""
        with self._context.database.reading() as session:
            query = select(RunRow).where(RunRow.state == RunState.DONE)
            query = query.order_by(RunRow.ended_at.desc()).limit(MOST_LOOKED_AT)
            return list(session.scalars(query))

    def _expected(
        self,
        row: DatasetRow,
        spec: RunSpec,
        past: Sequence[RunRow],
        paces: KnownPaces | None = None,
    ) -> Estimate:
        if spec.contest is not None:
            each = [self._expected(row, one, past) for one in candidates_of(spec)]
            last = replace(spec, contest=None, purpose=Purpose.TABLES)
            return together(each, self._expected(row, last, past))
        work = planned(Schema.from_dict(row.schema), row.table_rows, spec)
        return estimate(work, spec, past, paces or self._calibration, self._room())

    def _room(self) -> Room:
        limit = self._context.settings.job_memory_gib * 1024
        return Room(own_memory_mb(), psutil.virtual_memory().available / 2**20, limit)
