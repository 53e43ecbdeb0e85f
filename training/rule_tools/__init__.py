"""Tools for the bureau's rule tables: check, show, compare, replay, and where rules and scores disagree."""
