"""The application: made from the settings, the same in each worker.

``rpps-sync serve`` starts it; any ASGI server can (``rpps_sync.api.app:from_environment`` is a factory).
"""

from __future__ import annotations

import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import anyio
from fastapi import FastAPI
from fastapi.concurrency import run_in_threadpool

from pipelines.claims_intake import verifier_of
from rpps_sync import __version__, logs, pseudonyms
from rpps_sync import settings as configuration
from rpps_sync.api import (
    changes,
    claims,
    enrichment,
    findings,
    health,
    ledgers,
    matching,
    practitioners,
    problems,
    webhooks,
)
from rpps_sync.api.access import SCHEMES, House
from rpps_sync.api.journal import Journal
from rpps_sync.api.keyring import Keyring
from rpps_sync.api.metrics import Figures
from rpps_sync.api.pseudonyms import secret_of
from rpps_sync.api.silences import Silences
from rpps_sync.api.throttle import FLUSH_SECONDS, Allowance, Throttle
from rpps_sync.api.watch import Watch
from rpps_sync.directory.migrations import ensure_current
from rpps_sync.directory.serving import open_reading_engine, open_writing_engine
from rpps_sync.fhir import router as fhir
from rpps_sync.freshness import objectives
from rpps_sync.settings import Settings

CONFIG, SHARED = "RPPS_SYNC_SERVE_CONFIG", "RPPS_SYNC_SERVE_SHARED"  # what `serve` hands to its workers
THREADS = 12  # requests of one worker that read at the same time, each on its connection
EMBEDDED_THREADS = 4  # of SQLite, which reads in our threads: more of them only wait for the same processor
WRITING_SECONDS = 5.0  # that a claim waits while a night publishes; its sender then tries again

# Every router of the API. A facade adds its own here, and nothing else.
ROUTERS = (
    health.router,
    practitioners.router,
    enrichment.router,
    matching.router,
    changes.router,
    ledgers.router,
    claims.router,
    findings.router,
    webhooks.router,
    fhir.router,
)

DESCRIPTION = """
The French directory of health professionals (RPPS) as this server last published it: dated, checked.

*L’annuaire des professionnels de santé (RPPS), tel que ce serveur l’a publié : daté, contrôlé, historisé.*

Every answer about the directory says which `publication` it comes from, when that was made and how old it is.
Errors are problem documents (RFC 9457) that name the field and the mend.
Source: Annuaire Santé (ANS), Licence Ouverte.
"""


def create(settings: Settings, *, shared: Path | None = None) -> FastAPI:
    """The application.

    Args:
        settings: in force; the database must be at the schema of this program.
        shared: a folder that all workers of one server share, for the rates of keys.

    Raises:
        UsageError: the database address cannot be understood.
        DirectoryError: the database is missing, too old or too new.
        OSError: the secret of the access log can be neither read nor made.
    """
    pseudonyms.use(settings.pseudonym_secret())
    objectives.use(settings.home)
    house = _house(settings, shared)
    figures = Figures(house.readers)
    app = FastAPI(
        title="rpps-sync",
        version=__version__,
        summary="Who is in the directory of health professionals, and is that still so?",
        description=DESCRIPTION,
        docs_url=None,  # their pages load scripts from elsewhere
        redoc_url=None,
        redirect_slashes=False,
        lifespan=_lifespan,
    )
    app.state.house, app.state.figures = house, figures
    problems.install(app, SCHEMES)
    for router in ROUTERS:
        app.include_router(router)
    app.add_middleware(Journal, count=figures.count, secret=secret_of(settings.home))
    return app


def from_environment() -> FastAPI:
    """The application of a worker that ``rpps-sync serve`` started."""
    logs.configure(quiet=bool(os.environ.get("RPPS_SYNC_SERVE_QUIET")))
    config, shared = os.environ.get(CONFIG), os.environ.get(SHARED)
    settings = configuration.load(Path(config) if config else None)
    return create(settings, shared=Path(shared) if shared else None)


def _house(settings: Settings, shared: Path | None) -> House:
    writer = open_writing_engine(settings.database, connections=2, seconds=WRITING_SECONDS)
    ensure_current(writer)
    readers = open_reading_engine(settings.database, connections=THREADS + 2, seconds=settings.api_seconds)
    usual = Allowance(settings.api_rate_per_minute, settings.api_daily_quota)
    throttle = Throttle(writer, usual, shared / "throttle" if shared else None)
    throttle.remember()
    return House(
        settings, readers, writer, Keyring(readers), throttle, verifier_of(settings), Watch(readers), Silences()
    )


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Bound the threads of this worker, and write down the use of keys now and then."""
    house: House = app.state.house
    threads = EMBEDDED_THREADS if house.embedded else THREADS
    anyio.to_thread.current_default_thread_limiter().total_tokens = threads
    # What was loaded stays: cycles are looked for among what requests make, not among all modules each time.
    gc.collect()
    gc.freeze()
    async with anyio.create_task_group() as background:
        background.start_soon(partial(_flush, house.throttle))
        yield
        background.cancel_scope.cancel()
    await run_in_threadpool(house.throttle.close)
    house.readers.dispose()
    house.writer.dispose()


async def _flush(throttle: Throttle) -> None:
    while True:
        await anyio.sleep(FLUSH_SECONDS)
        await run_in_threadpool(throttle.flush)
