"""What the token claims against what the directory says: comparable fields, verdicts, findings and their life."""
