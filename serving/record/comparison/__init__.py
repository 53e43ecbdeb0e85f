"""Comparing a case with the court's closed ones, and what people say about it."""
