"""Raw lines of an extract: reading, quarantine, difference, parsing, and folding into rows. Knows no database."""
