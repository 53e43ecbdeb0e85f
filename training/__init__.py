"""Offline: from a court's history to a promoted bundle."""
