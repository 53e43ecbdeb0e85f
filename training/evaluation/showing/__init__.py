"""An evaluation as people see it: tables, pictures and the words of both."""
