"""Which team has which case: assignments on record, and what each team has on hand."""
