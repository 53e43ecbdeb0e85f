"""What every call passes before anything else sees it, and how answers and problems are written."""
