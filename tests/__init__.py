"""Tests: flat, a claim each."""
