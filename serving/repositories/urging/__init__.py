"""Urging on record: which cases are watched, and by what it ended."""
