"""Indicators of a court: kept in the background, and shown as they were counted last."""
