"""Who somebody is, told by name, profession and place instead of an identifier (docs/matching.md).

description  what is known of who is looked for
evidence     how far one practitioner agrees with it, in bits, with reasons
decision     certain, probable, several or none

This room compares; :mod:`rpps_sync.directory.search.blocking` finds whom to compare, and
:mod:`pipelines.matching` brings both together.
"""
