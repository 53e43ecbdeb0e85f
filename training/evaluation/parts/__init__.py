"""Parts of the test period: courts, kinds of cases and parties, and the groups of the fairness report."""
