"""Loading rule tables: the texts of files and shipped tables, gathered into the law and one court's rules."""

from models.rules.loading.drafting import Draft, Values, base_of, draft_text, own_texts, unsigned
from models.rules.loading.gathering import NO_URGING, Gathered, gather
from models.rules.loading.limits import shipped_limits
from models.rules.loading.shipped import PREFIX, profile_names, shipped_default, texts_of

__all__ = [
    "NO_URGING",
    "PREFIX",
    "Draft",
    "Gathered",
    "Values",
    "base_of",
    "draft_text",
    "gather",
    "own_texts",
    "profile_names",
    "shipped_default",
    "shipped_limits",
    "texts_of",
    "unsigned",
]
