"""The FHIR facade: the directory as the national API (Annuaire Santé, version 2) tells it, for its clients.

naming        systems, profiles and extensions by their address; local technical identifiers
codings       codes with their system and their label
elements      what several resources have
practitioners, roles, organizations   one resource each, from what the directory says
parameters    what may be asked of each resource; the capability statement is made from it
values        the values of a parameter
queries       a whole query, and the token that names one of its pages
people, situations, places   what is asked of each resource, as conditions of the directory
pages         the resources of one page
inclusion     what is added to a page: the resources that its own refer to, or that refer to them
bundles       a page as a client receives it
outcomes      errors
capability    the capability statement
failures      errors of the application around, told the same way
router        the routes
"""
