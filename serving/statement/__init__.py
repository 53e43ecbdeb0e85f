"""The applicant's own statement: eight questions, the code that holds its answers, and what they mean for him."""

from __future__ import annotations

from serving.statement.answers import Answers
from serving.statement.code import CodeError, code_of, read_code
from serving.statement.outlook import Level, Outlook, outlook

__all__ = ["Answers", "CodeError", "Level", "Outlook", "code_of", "outlook", "read_code"]
