"""The experiment record: the one place that speaks to MLflow, and only when it is used."""

from training.registry.records import DatasetUse, Kind, ModelShape, Registered, RunRecord
from training.registry.registry import ALIAS_CANDIDATE, ALIAS_CHAMPION, Registry

__all__ = [
    "ALIAS_CANDIDATE",
    "ALIAS_CHAMPION",
    "DatasetUse",
    "Kind",
    "ModelShape",
    "Registered",
    "Registry",
    "RunRecord",
]
