"""The record: what was asked, what was answered, from which facts and versions."""
