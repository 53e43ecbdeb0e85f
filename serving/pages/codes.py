"""Coded values in words: what an allowed value is called on a page, in either language."""

from __future__ import annotations

from types import MappingProxyType
from typing import Final

from features.causes import FAMILIES_ZH
from features.register import Field
from serving.pages.language import Language

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
        "zhongben": "终本",
        "property_heating": "property management and utilities",
        "recourse_guarantee": "recourse and guarantee",
        "family": "family and inheritance",
        "commercial": "companies, insurance and securities",
        "M": "male",
        "F": "female",
    }
)
"""Where a code is no plain English once its underscores are spaces."""


def code_words(field: Field, code: str, say: Language) -> str:
    """Return what an allowed value of a field is called; any other value is returned as it stands."""
    return say.pick(field.zh_of(code), _english(code)) if code in field.codes else code


def family_words(family: str, say: Language) -> str:
    """Return what a family of causes is called."""
    return say.pick(FAMILIES_ZH.get(family, family), _english(family))


def _english(code: str) -> str:
    return _ENGLISH.get(code, code.replace("_", " "))
