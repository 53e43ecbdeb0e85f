"""A court's own export on its way in: read by a mapping file, checked line by line, written as a history."""

from training.importing.run import ImportReport, import_history

__all__ = ["ImportReport", "import_history"]
