"""Pages of batches: the import of a file, the list, one batch, one group, and what is decided about it."""
