"""Reports about a bundle: model card, one page for the leadership, filing pack; from the record, never typed."""
