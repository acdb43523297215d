"""What the ANS publishes, and how it is brought home: catalogue, layouts, download, archive. Knows no database."""
