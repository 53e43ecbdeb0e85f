"""Command `fenliu-serve`: one file a group of commands."""

from serving.cli.main import main

__all__ = ["main"]
