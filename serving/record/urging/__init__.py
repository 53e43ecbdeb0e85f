"""Urging that ends by itself: the service looks day by day, and the case becomes due for filing."""
