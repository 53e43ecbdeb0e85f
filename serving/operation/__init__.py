"""What commands do to a court's service from outside of it: switch models, replay answers, look after bundles."""
