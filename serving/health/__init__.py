"""Whether the service can take work now, and whether it does it as well as it should."""
