"""Pages of batches: a file is imported, its groups are read and decided, and it is seen where disputes come from."""
