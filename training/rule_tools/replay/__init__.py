"""Past cases under rule tables: routed again, counted, listed, and held against their scores."""
