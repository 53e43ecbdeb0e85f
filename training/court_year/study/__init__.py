"""Many seeds of a year under many policies: planned once, run in parallel, resumed where they stopped, and reported."""
