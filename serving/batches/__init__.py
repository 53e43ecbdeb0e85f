"""Batches: a file of cases comes in, is looked at, scored, parted into groups, and decided group by group."""
