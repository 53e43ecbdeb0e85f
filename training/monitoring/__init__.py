"""Watching a model in use: what has drifted, how it does before and after outcomes are known, where people differ."""
