"""What the record says of models: the features they saw, and the cases on which two of them differ."""
