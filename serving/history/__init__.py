"""The way back: what the record holds becomes the history tables from which models are trained again."""
