"""What indicators need of the store: courses of cases, figures counted from them, and which team has which case."""
