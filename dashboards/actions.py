"""What people may do from here, with the scope for it: with a reason, under the name they signed in with."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable

import streamlit as st

from dashboards import pieces, session
from dashboards.visitors import Visitor, acting, visitor
from dashboards.wording import Words
from rpps_sync import clock
from rpps_sync.directory import finding_history, findings
from rpps_sync.directory import standing as standing_results
from rpps_sync.directory.api_keys import KeyScope
from rpps_sync.errors import DirectoryError, RppsSyncError
from rpps_sync.finding import Finding
from rpps_sync.reporting.model import Light

Act = Callable[[str, str], None]  # given who, and why


def acknowledge_finding(words: Words, finding: Finding) -> None:
    """A finding that may stand."""
    finding_id = finding.judgement.id

    def act(by: str, because: str) -> None:
        with acting() as connection:
            now_found = findings.get(connection, finding_id)  # as it is now, not as it was when the page was shown
            finding_history.acknowledge(connection, now_found, by=by, because=because, at=clock.now())

    _form(words, "ack", f"rpps-sync findings ack {finding_id} --because …", act)


def acknowledge_check(words: Words, name: str, file: str) -> None:
    """A warning that is no news."""

    def act(by: str, because: str) -> None:
        with acting() as connection:
            standing_results.acknowledge(connection, name, file, by, because)

    _form(words, "ack_check", f"rpps-sync checks ack {name} --because …", act)


def accept_publication(words: Words, publication: str) -> None:
    """A refused publication that is right all the same."""

    def act(by: str, because: str) -> None:
        with st.spinner(words.app("accept.at_work")):
            _accept(publication, by, because)

    _form(words, "accept", f"rpps-sync accept {publication} --because …", act)


def _form(words: Words, what: str, elsewhere: str, act: Act) -> None:
    """A reason, and a button; without the scope, who has it and how to do it elsewhere."""
    pieces.heading(words.app(f"{what}.title"), words.app(f"{what}.note"))
    who = visitor()
    if who is None or KeyScope.ADMIN not in who.opens:
        pieces.message(Light.NONE, words.app("ack.off_scope" if who and who.session else "ack.off"), elsewhere)
        return
    with st.form(what, border=False):
        because = st.text_input(words.app("ack.because"))
        by = _name(words, who)
        pressed = st.form_submit_button(words.app(f"{what}.do"), type="primary")
    if not pressed:
        return
    if not because.strip() or not by.strip():
        pieces.message(Light.WARN, words.app("ack.reason_needed"))
        return
    try:
        act(by.strip(), because.strip())
    except RppsSyncError as error:
        pieces.message(Light.ERROR, error.what, error.mend)
        return
    st.rerun()


def _name(words: Words, who: Visitor) -> str:
    """Under which name: their own once they signed in, else the one they give."""
    return st.text_input(words.app("ack.by"), who.name, disabled=bool(who.session))


def _accept(publication: str, by: str, because: str) -> None:
    """Run the command, in a process of its own: it loads a whole publication, and outlives this application.

    Raises:
        UsageError: they may not.
        DirectoryError: the command failed; what it said.
    """
    with acting():
        pass  # only to ask whether they may: the command opens the database by itself
    config = session.launch().config
    command = [sys.executable, "-m", "rpps_sync", *(("--config", str(config)) if config else ()), "accept"]
    done = subprocess.run(  # noqa: S603 - our own command, and arguments that no shell reads
        [*command, f"--because={because}", f"--by={by}", "--json", "--", publication],
        capture_output=True,
        check=False,
        text=True,
        start_new_session=True,
    )
    if done.returncode:
        told = _told(done.stdout)
        raise DirectoryError(told.get("what") or f"accept ended with {done.returncode}", mend=told.get("mend", ""))


def _told(output: str) -> dict[str, str]:
    """The error that a command wrote as JSON; nothing when it wrote something else."""
    try:
        found = json.loads(output)
    except ValueError:
        return {}
    error: dict[str, str] = found.get("error", {}) if isinstance(found, dict) else {}
    return error
