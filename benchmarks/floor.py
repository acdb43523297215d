"""Routes that do nothing, for the floor of benchmarks/api.py: no server on this framework is faster."""

from __future__ import annotations

from fastapi import FastAPI, Response

BODY = b"x" * 2_800  # as long as the answer to a look-up
app = FastAPI(openapi_url=None)


@app.get("/async")
async def in_the_loop() -> Response:
    """Answer at once."""
    return Response(BODY)


@app.get("/thread")
def in_a_thread() -> Response:
    """Answer from the pool of threads, as whatever reads a database must."""
    return Response(BODY)


@app.get("/healthz")
async def alive() -> Response:
    """Say so."""
    return Response()
