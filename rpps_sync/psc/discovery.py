"""Where the issuer publishes its keys.

Pro Santé Connect describes itself at a path of its own, ``wallet-openid-configuration``, and not at the one of
OpenID Connect Discovery. Its keys have always been where Keycloak puts them, so that address is asked when the
description cannot be had; a description of another issuer, or one that sends elsewhere for keys, is not believed.
"""

from __future__ import annotations

from typing import Any

from rpps_sync.errors import PublisherUnreachable
from rpps_sync.psc.documents import is_address, read, same_place, unusable

DISCOVERY_PATH = "/.well-known/wallet-openid-configuration"
CERTS_PATH = "/protocol/openid-connect/certs"


def key_set(location: str, issuer: str) -> Any:
    """The document that holds the issuer's keys.

    Args:
        location: an address or a file that holds them, or a description of the issuer that says where they are;
            when empty, the issuer is asked.
        issuer: whose keys.

    Raises:
        PublisherUnreachable: no usable answer.
        UsageError: the file is missing.
    """
    if location:
        return _followed(read(location), location, issuer)
    described = issuer + DISCOVERY_PATH
    try:
        document = read(described)
    except PublisherUnreachable:
        return read(issuer + CERTS_PATH)
    return _followed(document, described, issuer)


def _followed(document: Any, location: str, issuer: str) -> Any:
    if not isinstance(document, dict) or "keys" in document or "jwks_uri" not in document:
        return document
    if issuer and document.get("issuer") != issuer:
        raise unusable(location, "it describes another issuer than RPPS_SYNC_PSC_ISSUER")
    address = document["jwks_uri"]
    here = location if is_address(location) else issuer
    if not isinstance(address, str) or not is_address(address) or not same_place(address, here):
        raise unusable(location, "it sends to another host for the keys")
    return read(address)
