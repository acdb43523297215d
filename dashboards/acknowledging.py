"""The one thing people may write from here: that a finding is known, and why."""

from __future__ import annotations

import getpass

import streamlit as st

from dashboards import pieces, session
from dashboards.wording import Words
from rpps_sync import clock
from rpps_sync.directory import finding_history, findings
from rpps_sync.errors import RppsSyncError
from rpps_sync.finding import Finding
from rpps_sync.reporting.model import Light


def acknowledge_form(words: Words, finding: Finding) -> None:
    """A reason and a name; without ``--allow-actions``, how to do it elsewhere."""
    pieces.heading(words.app("ack.title"), words.app("ack.note"))
    if not session.launch().allow_actions:
        pieces.message(
            Light.NONE, words.app("ack.off"), f"rpps-sync findings ack {finding.judgement.id} --because …"
        )
        return
    with st.form("acknowledge", border=False):
        because = st.text_input(words.app("ack.because"))
        by = st.text_input(words.app("ack.by"), getpass.getuser())
        pressed = st.form_submit_button(words.app("ack.do"), type="primary")
    if not pressed:
        return
    if not because.strip() or not by.strip():
        pieces.message(Light.WARN, words.app("ack.reason_needed"))
        return
    try:
        _acknowledge(finding.judgement.id, by, because)
    except RppsSyncError as error:
        pieces.message(Light.ERROR, error.what, error.mend)
        return
    st.rerun()


def _acknowledge(finding_id: str, by: str, because: str) -> None:
    with session.writing() as connection:
        finding = findings.get(connection, finding_id)  # as it is now, not as it was when the page was shown
        finding_history.acknowledge(connection, finding, by=by, because=because, at=clock.now())
