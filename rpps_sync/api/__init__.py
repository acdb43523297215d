"""The HTTP API: other applications ask the directory, tell claims, and read what was found.

app         the application, and the one list of its routers
access      who asks, what they may, and a consistent look at the directory
answers     documents with their publication, ETag and 304
problems    every error as RFC 9457 says, with the field and the mend
journal     what surrounds each request: limits, headers, the access log, the counters
keyring     the keys, read again every few seconds
throttle    how often a key may ask, counted over all workers
silences    the feeds that are silent, read again every few seconds
access_log  the line of each request

Each other module holds the routes of one noun.
"""
