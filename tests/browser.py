"""The browser of this machine, and what it had to complain of."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, sync_playwright

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update"),
)


@contextmanager
def browsing() -> Iterator[Browser]:
    """A browser with a profile of its own; without one on the machine the test says so and is skipped."""
    if CHROMIUM is None:
        pytest.skip("no chromium here: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(QUIET))
        yield browser
        browser.close()


@dataclass
class Complaints:
    """What a page said on its console, and whom it asked beside its own host."""

    host: str
    console: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)

    def listen(self, page: Page) -> None:
        """Hear all that this page says from now on."""
        page.on("console", self._said)
        page.on("pageerror", lambda error: self.console.append(str(error)))
        page.on("request", self._asked)
        page.on("response", self._answered)

    def _said(self, message: ConsoleMessage) -> None:
        # A failed load is judged by its address, in _answered: the console does not tell it.
        if message.type == "error" and "Failed to load resource" not in message.text:
            self.console.append(message.text)

    def _asked(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in ("data", "blob") and parts.netloc != self.host:
            self.strangers.append(request.url)

    def _answered(self, response: Response) -> None:
        # Opened at /quality, Streamlit first asks whether the application lives under that path.
        path = urlsplit(response.url).path
        probe = path.count("/") == 3 and path.endswith(("/_stcore/health", "/_stcore/host-config"))
        if response.status >= 400 and not probe:
            self.console.append(f"{response.status} {response.url}")


def kept(page: Page, folder: Path | None, name: str) -> None:
    """Keep a picture of the whole page, where pictures are wanted."""
    if folder is None:
        return
    height = page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
    size = page.viewport_size
    assert size is not None
    page.set_viewport_size({"width": size["width"], "height": max(size["height"], min(height, 6000))})
    page.wait_for_timeout(300)  # charts are drawn again
    page.screenshot(path=folder / f"{name}.png")
    page.set_viewport_size(size)
