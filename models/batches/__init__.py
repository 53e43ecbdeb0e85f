"""Batches: which cases belong together, in what groups they are decided, and where they come from."""

from models.batches.examples import Example
from models.batches.grouping import Group, group
from models.batches.linking import LinkFacts, Links, link
from models.batches.rule_groups import Seen
from models.batches.settings import BatchSettings
from models.batches.signature import signature
from models.batches.spot_check import SpotCheck, spot_check, verify_spot_check
from models.batches.trends import Trend, trends

__all__ = [
    "BatchSettings",
    "Example",
    "Group",
    "LinkFacts",
    "Links",
    "Seen",
    "SpotCheck",
    "Trend",
    "group",
    "link",
    "signature",
    "spot_check",
    "trends",
    "verify_spot_check",
]
