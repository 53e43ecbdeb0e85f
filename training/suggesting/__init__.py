"""Thresholds for a court: tried on past cases under capacity, told with what they cost, written as a draft to sign."""
