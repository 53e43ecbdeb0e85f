"""Scoring jobs: lists of up to twenty thousand cases, scored in the background; a line that fails fails alone."""
