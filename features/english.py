"""Codes in plain English, where their own words do not say it."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

_ENGLISH: Final = MappingProxyType(
    {
        "act": "an act",
        "omission": "refraining from an act",
        "delivery": "delivery of property",
        "security_realisation": "realisation of security",
        "notarised_debt": "notarised claim",
        "criminal_property": "property part of a criminal judgment",
        "civil_in_criminal": "civil claim in a criminal case",
        "administrative_penalty": "administrative penalty (non-litigation)",
        "foreign_hkmt": "from abroad, Hong Kong, Macao or Taiwan",
        "person": "natural person",
        "individual_business": "sole trader",
        "agree": "agrees",
        "refuse": "refuses",
        "nonbank_financial": "non-bank lender or insurer",
        "distressed_asset_assignee": "assignee of bad debt",
        "administrative": "administrative body",
        "unincorporated": "unincorporated organisation",
        "public_body": "public body or state-owned firm",
        "labour_pay": "wages",
        "support": "maintenance or support",
        "death_benefit": "pension for the bereaved",
        "traffic_injury": "injury in traffic",
        "pre_suit": "before the suit",
        "during_suit": "during the suit",
        "pre_enforcement": "before enforcement",
        "cross_region": "across regions",
        "zhongben": "closed for lack of assets",
        "property_heating": "property management and utilities",
        "recourse_guarantee": "recourse and guarantee",
        "family": "family and inheritance",
        "commercial": "companies, insurance and securities",
        "M": "male",
        "F": "female",
    }
)
"""Where a code is no plain English once its underscores are spaces."""


def english_of(code: str) -> str:
    """Return what an allowed value of a field or a family of causes is called in English."""
    return _ENGLISH.get(code, code.replace("_", " "))
