"""Signatures under bundles: who has vouched for a model before it may answer."""
