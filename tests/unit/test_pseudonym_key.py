from pathlib import Path

import pytest

from rpps_sync.cli.examination import examine
from rpps_sync.cli.origins import effective
from rpps_sync.errors import UsageError
from rpps_sync.settings import load

KEY = "0123456789abcdef" * 2


def test_key_comes_from_a_file_and_is_never_shown(tmp_path: Path) -> None:
    """The end of its line is no part of it; 'config show' masks the other way to give it."""
    file = tmp_path / "key"
    file.write_text(KEY + "\n")
    from_file = load(home=tmp_path, pseudonymous=True, pseudonym_key_file=file)
    given = load(home=tmp_path, pseudonymous=True, pseudonym_key=KEY)
    assert from_file.pseudonym_secret() == given.pseudonym_secret() == KEY.encode()
    shown = {row.name: row.value for row in effective(given, None)}
    assert shown["RPPS_SYNC_PSEUDONYM_KEY"] == "***"
    assert KEY not in repr(given)


@pytest.mark.parametrize(("key", "said"), [("", "missing"), (KEY[:31], "too short")])
def test_unusable_key_is_told_and_doctor_tells_it_too(tmp_path: Path, key: str, said: str) -> None:
    """The message names the trouble and how to make a key, and does not repeat the one given."""
    settings = load(home=tmp_path, pseudonymous=True, pseudonym_key=key)
    with pytest.raises(UsageError, match=said) as told:
        settings.pseudonym_secret()
    assert "openssl rand" in told.value.mend
    (symptom,) = (
        item for item in examine(lambda: settings, online=False, file=lambda: None) if item.subject == "pseudonyms"
    )
    assert (symptom.state, symptom.observed) == ("wrong", told.value.what)
    assert not key or key not in told.value.what


def test_key_file_that_others_may_read_is_pointed_out(tmp_path: Path) -> None:
    """A warning with the command that mends it; nothing once it is mended."""
    file = tmp_path / "key"
    file.write_text(KEY)
    settings = load(home=tmp_path, pseudonymous=True, pseudonym_key_file=file)
    states = []
    for rights in (0o644, 0o600):
        file.chmod(rights)
        states += [
            item.state
            for item in examine(lambda: settings, online=False, file=lambda: None)
            if item.subject == "pseudonyms"
        ]
    assert states == ["warn", "ok"]


def test_key_without_the_mode_is_not_used(tmp_path: Path) -> None:
    """A key that lies ready changes nothing until pseudonyms are asked for."""
    assert load(home=tmp_path, pseudonym_key=KEY).pseudonym_secret() == b""
