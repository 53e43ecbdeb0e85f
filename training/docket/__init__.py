"""The docket: a day's cases on their way to teams, and batches on their way to a decision."""
