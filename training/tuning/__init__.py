"""The search for better settings of the trees: trials on rolling folds, resumable, each in the experiment record."""
