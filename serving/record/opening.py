"""Opening the record: its use cases on one store, handed to the routes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from models.rules.table import RuleTable
from serving.keys import KeyRing
from serving.model_life.standing import Standing
from serving.record.auditing import Auditing
from serving.record.case_files import CaseFiles
from serving.record.comparison.finding import Finding
from serving.record.comparison.marking import Marking
from serving.record.correcting import Correcting, Score
from serving.record.court_settings import CourtSettings
from serving.record.decisions import Decisions
from serving.record.indicators.keeping import Keeping
from serving.record.indicators.looking import Looking
from serving.record.listing import Listing
from serving.record.outcomes import Outcomes
from serving.record.overview import Overview
from serving.record.queue import Queue
from serving.record.teams.assigning import Assigning
from serving.record.teams.loading import Loading
from serving.record.urging.window import Windows
from serving.record.viewing import Viewing
from serving.repositories.advice import AdviceStore
from serving.repositories.audit_rows import AuditRows
from serving.repositories.basis_numbers import BasisStore
from serving.repositories.batches.completions import CompletionStore
from serving.repositories.case_files import CaseFileStore
from serving.repositories.comparison.marks import MarkStore
from serving.repositories.comparison.similar import SimilarStore
from serving.repositories.court_settings import CourtSettingsStore
from serving.repositories.decisions import DecisionStore
from serving.repositories.drafts import DraftStore
from serving.repositories.indicators.figures import FigureStore
from serving.repositories.indicators.late_cases import LateCaseStore
from serving.repositories.indicators.refreshing import CourseStore
from serving.repositories.listing import ListingStore
from serving.repositories.outcomes import OutcomeStore
from serving.repositories.overview import OverviewStore
from serving.repositories.preferences import PreferenceStore
from serving.repositories.queue import QueueStore
from serving.repositories.reviews.requests import ReviewStore
from serving.repositories.teams.assignments import AssignmentStore
from serving.repositories.teams.on_hand import OnHandStore
from serving.repositories.urging.conversions import ConversionStore
from serving.repositories.urging.windows import WindowStore
from serving.repositories.views import ViewStore
from serving.store.transaction import Store


@dataclass(frozen=True, kw_only=True)
class Record:
    """The use cases around advice."""

    outcomes: Outcomes
    decisions: Decisions
    viewing: Viewing
    correcting: Correcting
    settings: CourtSettings
    windows: Windows
    listing: Listing
    auditing: Auditing
    case_files: CaseFiles
    queue: Queue
    keeping: Keeping
    looking: Looking
    assigning: Assigning
    loading: Loading
    marking: Marking
    overview: Overview
    preferences: PreferenceStore
    drafts: DraftStore
    bases: BasisStore


def open_outcomes(store: Store, keys: KeyRing, *, clock: Callable[[], datetime]) -> Outcomes:
    """Return the use case that takes in outcomes."""
    return Outcomes(OutcomeStore(store, keys), keys, clock)


def open_record(
    store: Store,
    keys: KeyRing,
    *,
    clock: Callable[[], datetime],
    score: Score,
    standing: Callable[[], Standing] | None = None,
    rules: Callable[[], RuleTable] = RuleTable.load,
) -> Record:
    """Return the use cases of a worker.

    `score` is the use case that corrections go through; `standing` is what
    answers now, without which no similar cases are looked for; `rules` is the
    service's rule table, over which courts' urging windows are laid.
    """
    on_hand, assignments, figures = OnHandStore(store), AssignmentStore(store, keys), FigureStore(store)
    settings = CourtSettings(CourtSettingsStore(store, keys), keys, clock, on_hand.held)
    looking = Looking(figures, LateCaseStore(store, keys), settings, clock)
    acts, waiting = DecisionStore(store, keys), QueueStore(store, keys)
    preferences, conversions = PreferenceStore(store, keys), ConversionStore(store, keys)
    viewing = Viewing(AdviceStore(store, keys), ViewStore(store, keys), settings, clock, preferences)
    finding, marking = Finding(SimilarStore(store, keys), clock, standing), Marking(MarkStore(store, keys), clock)
    return Record(
        outcomes=open_outcomes(store, keys, clock=clock),
        decisions=Decisions(acts, settings, preferences, conversions, keys, clock),
        viewing=viewing,
        correcting=Correcting(acts, score, keys, clock),
        settings=settings,
        windows=Windows(WindowStore(store, keys), rules, clock),
        auditing=Auditing(AuditRows(store, keys), keys, clock),
        queue=Queue(waiting, keys, clock),
        keeping=Keeping(CourseStore(store, keys), figures, settings, clock),
        looking=looking,
        assigning=Assigning(assignments, settings, clock),
        loading=Loading(on_hand, assignments, settings, looking, clock),
        listing=Listing(ListingStore(store, keys), keys, clock),
        case_files=CaseFiles(
            viewing=viewing,
            decisions=acts,
            records=CaseFileStore(store, keys),
            queue=waiting,
            conversions=conversions,
            completions=CompletionStore(store, keys),
            reviews=ReviewStore(store, keys),
            finding=finding,
            marking=marking,
            clock=clock,
        ),
        marking=marking,
        overview=Overview(OverviewStore(store), clock),
        preferences=preferences,
        drafts=DraftStore(store, keys),
        bases=BasisStore(store, keys),
    )
