"""Incidents and who is told: one for each cause, opened once, reminded of rarely, closed by itself.

symptoms.py   what the ledgers say, as symptoms grouped by cause
life.py       what becomes of incidents: a pure function of those open and of today's symptoms
message.py    what is told of one, in French or English
webhook.py, mail.py, heartbeat.py   how it is told
"""
