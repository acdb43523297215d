"""The report: its model, its HTML and its JSON."""
