"""What was measured of a bundle: written by the evaluation, kept beside the ledger, shown wherever the model is."""

from __future__ import annotations

from models.evidence.compared import Compared, Difference, compared_path, read_compared
from models.evidence.figures import CALIBRATED_BY, Bin, Figure, Gate, Group, Part, ScoreEvidence
from models.evidence.measured import FORMAT, Evidence, EvidenceError, evidence_path, read_evidence

__all__ = [
    "CALIBRATED_BY",
    "FORMAT",
    "Bin",
    "Compared",
    "Difference",
    "Evidence",
    "EvidenceError",
    "Figure",
    "Gate",
    "Group",
    "Part",
    "ScoreEvidence",
    "compared_path",
    "evidence_path",
    "read_compared",
    "read_evidence",
]
