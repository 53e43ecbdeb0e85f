"""Figures of the running service for a monitoring system: counts and durations by declared address, never by person."""
