"""Promotion: measured, signed, verified, recorded, switched in one step, and taken back as easily, by whatever door."""
