"""Settings: defaults, file, environment, command line, in this order."""

from __future__ import annotations

from pathlib import Path

import pytest

from rpps_sync.errors import UsageError
from rpps_sync.publication import ExtractKind
from rpps_sync.settings import PRODUCTION_ISSUER, SETTINGS_FILE, load


@pytest.fixture(autouse=True)
def _nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A working directory and a home without settings."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RPPS_SYNC_HOME", str(tmp_path / "home"))


def test_defaults_stand_alone(tmp_path: Path) -> None:
    """Without file and variables everything has a value; the database is in the home."""
    settings = load()
    assert settings.language == "fr"
    assert settings.extracts == tuple(ExtractKind)
    assert settings.database == f"sqlite:///{tmp_path / 'home' / 'rpps-sync.sqlite'}"
    assert settings.archive == tmp_path / "home" / "archive"
    assert settings.jwks_url == f"{PRODUCTION_ISSUER}/.well-known/wallet-openid-configuration"


def test_environment_wins_over_the_file_and_the_command_line_over_both(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File < environment < command line."""
    (tmp_path / SETTINGS_FILE).write_text('grace_publications = 4\ncatalog_url = "http://file"\n')
    assert load().grace_publications == 4
    monkeypatch.setenv("RPPS_SYNC_GRACE_PUBLICATIONS", "5")
    assert load().grace_publications == 5
    assert load(grace_publications=6).grace_publications == 6
    assert load().catalog_url == "http://file"


def test_file_of_the_home_is_read_when_the_working_directory_has_none(tmp_path: Path) -> None:
    """The working directory comes first, then the home."""
    (tmp_path / "home").mkdir()
    (tmp_path / "home" / SETTINGS_FILE).write_text('language = "en"\n')
    assert load().language == "en"
    (tmp_path / SETTINGS_FILE).write_text("grace_publications = 4\n")
    assert load().language == "fr"


def test_file_asked_for_is_the_only_one_read(tmp_path: Path) -> None:
    """``--config`` wins over the working directory, and leaves nothing behind for the next load."""
    (tmp_path / SETTINGS_FILE).write_text("grace_publications = 4\n")
    other = tmp_path / "other.toml"
    other.write_text('language = "en"\n')
    assert (load(other).language, load(other).grace_publications) == ("en", 3)
    assert load().grace_publications == 4


def test_unknown_key_in_the_file_is_refused_by_name(tmp_path: Path) -> None:
    """A setting with a typing mistake is not silently ignored."""
    (tmp_path / SETTINGS_FILE).write_text("grace_publication = 4\n")
    with pytest.raises(UsageError, match="RPPS_SYNC_GRACE_PUBLICATION: extra inputs are not permitted"):
        load()


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GRACE_PUBLICATIONS", "0"),
        ("GRACE_PUBLICATIONS", "three"),
        ("LANGUAGE", "de"),
        ("EXTRACTS", "personne-activite,cabinets"),
    ],
)
def test_unacceptable_value_names_its_setting(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """The person reads which setting to mend, and exit code 2 follows."""
    monkeypatch.setenv(f"RPPS_SYNC_{name}", value)
    with pytest.raises(UsageError, match=f"RPPS_SYNC_{name}") as refused:
        load()
    assert refused.value.exit_code == 2


def test_extracts_are_a_list_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spaces and a comma too many do not matter."""
    monkeypatch.setenv("RPPS_SYNC_EXTRACTS", " savoirfaire , personne-activite,")
    assert load().extracts == (ExtractKind.SAVOIRFAIRE, ExtractKind.PERSONNE_ACTIVITE)


def test_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    """A syntax mistake is told with the path of the file."""
    (tmp_path / SETTINGS_FILE).write_text("language = fr\n")
    with pytest.raises(UsageError, match=SETTINGS_FILE):
        load()


def test_password_is_not_in_the_representation() -> None:
    """Settings printed by accident do not give the database away."""
    settings = load(database_url="postgresql+psycopg://rpps:hunter2@db/rpps")
    assert "hunter2" not in repr(settings) + str(settings)
    assert "hunter2" in settings.database
