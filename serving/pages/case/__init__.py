"""The judge's page: deadlines, warnings, rules, predictions, reasons, what would change it, history, decision."""
