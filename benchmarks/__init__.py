"""Measurements that anybody can run again; only their ratios compare across machines."""
