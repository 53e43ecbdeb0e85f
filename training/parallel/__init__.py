"""Work done by several processes at once."""

from training.parallel.workers import Task, Workers

__all__ = ["Task", "Workers"]
