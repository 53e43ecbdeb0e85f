"""The audit trail: a keyed chain of what was done, by whom, in the transaction that did it."""
