"""Command `fenliu`: from a court's history to a promoted bundle, scores from file to file, and tools for the rules."""

from training.cli.app import app, main

__all__ = ["app", "main"]
