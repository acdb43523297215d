"""The weekly and the monthly report: a period of nights, beside the period before it.

period.py      which days
material.py    what the ledgers hold of them
model.py       all that is shown, as values
build.py       from one to the other, without database or clock
html.py, paper.py, documents.py, sheets.py    views
"""
