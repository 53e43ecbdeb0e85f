"""Case: what an intake system sends, read strictly and written back."""

from __future__ import annotations

from features.case.case import Case, CaseError, InvalidCaseError, parse_case

__all__ = ["Case", "CaseError", "InvalidCaseError", "parse_case"]
