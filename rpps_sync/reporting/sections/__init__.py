"""The parts of the report of one run, each made from what the ledgers hold of it."""
