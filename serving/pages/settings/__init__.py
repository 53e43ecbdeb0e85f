"""The settings of a court: what is in force, the form that changes it, and who changed what, when and why."""
