"""Batches on record: lists, groups, and what was decided about them."""
