"""The pages of human reviews: what parties ask a person to look at again, and what the judge answered."""
