"""Two bundles held against each other on cases that neither has learned from."""
