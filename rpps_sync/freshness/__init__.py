"""Objectives and their states: how old is what is served, and is that acceptable."""
