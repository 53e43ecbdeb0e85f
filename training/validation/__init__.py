"""Checks of a history before anything is learnt from it."""
