"""What may be known about a case, and how it becomes numbers."""
