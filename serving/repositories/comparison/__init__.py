"""Closed cases to compare with, what was found alike, and what people mark as not fitting."""
