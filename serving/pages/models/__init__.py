"""The pages of the models: what answers, how honest it is, for whom, since when, by whose decision, and its switch."""
