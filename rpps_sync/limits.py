"""Every limit on size and time, in one place, with its unit."""

from __future__ import annotations

from dataclasses import dataclass

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds that keep a hostile or broken input from taking the machine with it."""

    file_bytes: int = 4096 * MEBIBYTE  # one extract, decompressed; the largest real one is 821 MB
    header_bytes: int = 16 * 1024  # one header line; the longest real one is 1.6 kB
    line_bytes: int = 2600  # one line; real ones stay under 2 kB, and a PostgreSQL index row holds 2.7 kB
    chunk_bytes: int = 8 * MEBIBYTE  # text read at a time: what bounds the memory of a night
    quarantined_lines: int = 100_000  # unreadable lines kept before the whole file is called unreadable
    quarantined_bytes: int = 64 * MEBIBYTE  # of all unreadable lines of one file, kept with their bytes
    zip_entries: int = 10  # the ANS archive holds three
    zip_ratio: int = 200  # decompressed over compressed; real extracts stay under 6
    catalogue_bytes: int = 8 * MEBIBYTE  # one answer of the dataset API
    redirects: int = 5
    connect_seconds: float = 10.0
    read_seconds: float = 30.0
    download_seconds: float = 3600.0  # one whole file, retries included
    attempts: int = 5  # tries of one request before giving up
    glance_seconds: float = 20.0  # asking the second channel where it stands, when the first one answers
    future_seconds: float = 86_400.0  # how far after our clock a publication may be dated
    observation_bytes: int = 256 * 1024  # one line of the claims intake
    token_bytes: int = 64 * 1024  # one compact JWS; a signed userinfo takes about 1.5 kB for each activity
    token_header_bytes: int = 512  # its header in base64; real ones stay under 150
    token_age_days: int = 90  # how long after its day a token in a file is still taken for a proof of that day
    observed_ahead_seconds: int = 300  # how long before midnight, UTC, an observation of the next day is taken
    live_seconds: int = 300  # how far from our clock an observation told at once may be dated
    receipt_days: int = 7  # what became of a file of the watched folder is kept so long
    unknown_claims: int = 100  # names of unknown claims counted one by one
    claim_characters: int = 512  # one value of a userinfo; the longest column of the extracts is shorter
    leeway_seconds: int = 30  # clock difference tolerated on token times
    key_set_bytes: int = 256 * 1024  # one JWKS; the issuer's holds two keys
    key_refresh_seconds: float = 30.0  # least time between two readings of the key set for an unknown key
    key_set_seconds: float = 86_400.0  # a set older than that is read again, so that a withdrawn key goes
    samples: int = 20  # sample keys kept with a failed check
    examined_practitioners: int = 20_000  # whose lines are compared with one another in a night
    sketch: int = 256  # fingerprints of removed lines remembered of a night, to tell values that come back


LIMITS = Limits()
