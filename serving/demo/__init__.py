"""The demonstration: a court with three months of simulated work, and three sample applications shown in Chinese."""
