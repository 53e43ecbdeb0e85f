"""Looking after the database: what an operator's commands do."""
