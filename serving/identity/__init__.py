"""Telling who somebody is: API keys of systems, accounts of people, passwords, sessions and log-in."""
