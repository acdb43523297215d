"""Settings: defaults, then ``rpps-sync.toml``, then ``RPPS_SYNC_*`` variables, then the command line."""

from __future__ import annotations

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, Literal

import platformdirs
from pydantic import ByteSize, Field, SecretStr, ValidationError, field_validator
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from rpps_sync.errors import UsageError
from rpps_sync.publication import ExtractKind

PRODUCTION_ISSUER = "https://auth.esw.esante.gouv.fr/auth/realms/esante-wallet"
ANS_SERVICE = "https://service.annuaire.sante.fr/annuaire-sante-webservices/V300/services/extraction"
SHORTEST_KEY = 32  # characters: 128 bits when they are hexadecimal digits
SETTINGS_FILE = "rpps-sync.toml"
PREFIX = "RPPS_SYNC_"


class ChannelName(StrEnum):
    """The ways to the extracts."""

    DATA_GOUV = "data-gouv"
    ANS = "ans"


DashboardScope = Literal["read", "audit", "admin"]


class Settings(BaseSettings):
    """Every setting with its default; names and meanings are in docs/settings.md."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, extra="forbid", frozen=True)

    home: Path = Field(default_factory=lambda: platformdirs.user_data_path("rpps-sync"))
    database_url: SecretStr = SecretStr("")
    catalog_url: str = "https://www.data.gouv.fr/api/1"
    ans_url: str = ANS_SERVICE
    ans_ca_file: Path | None = None
    channels: Annotated[tuple[ChannelName, ...], NoDecode] = Field(default=tuple(ChannelName), min_length=1)
    archive_keep: int = Field(default=30, ge=1)
    archive_days: int = Field(default=400, ge=0)
    archive_max: ByteSize = ByteSize(20_000_000_000)
    extracts: Annotated[tuple[ExtractKind, ...], NoDecode] = tuple(ExtractKind)
    psc_issuer: str = PRODUCTION_ISSUER
    psc_jwks_url: str = ""
    psc_client_id: str = ""
    psc_clients: Annotated[dict[str, tuple[str, ...]], NoDecode] = Field(default_factory=dict)
    claims_inbox: Path | None = None
    retention_days: int = Field(default=90, ge=1, le=3650)
    grace_publications: int = Field(default=3, ge=1, le=365)
    pseudonymous: bool = False
    pseudonym_key: SecretStr = SecretStr("")
    pseudonym_key_file: Path | None = None
    language: Literal["fr", "en"] = "fr"
    api_host: str = "127.0.0.1"
    api_port: int = Field(default=8470, ge=0, le=65535)
    api_workers: int = Field(default=2, ge=1, le=64)
    api_rate_per_minute: int = Field(default=6000, ge=0)
    api_daily_quota: int = Field(default=0, ge=0)
    api_wait_seconds: int = Field(default=30, ge=0, le=30)
    api_seconds: float = Field(default=10.0, gt=0, le=300)
    dashboard_url: str = ""
    dashboard_sign_in: Annotated[tuple[Literal["key", "oidc"], ...], NoDecode] = ()
    dashboard_session_hours: int = Field(default=8, ge=1, le=24)
    dashboard_oidc_url: str = ""
    dashboard_oidc_client_id: str = ""
    dashboard_oidc_client_secret: SecretStr = SecretStr("")
    dashboard_oidc_scope: str = ""
    dashboard_oidc_acr: str = ""
    dashboard_people: Annotated[dict[str, tuple[DashboardScope, ...]], NoDecode] = Field(default_factory=dict)
    schedule_file: Path | None = None
    alert_webhook_url: SecretStr = SecretStr("")
    alert_webhook_format: Literal["auto", "json", "slack", "teams"] = "auto"
    alert_to: Annotated[tuple[str, ...], NoDecode] = ()
    alert_runbook_url: str = ""
    report_night_to: Annotated[tuple[str, ...], NoDecode] = ()
    report_week_to: Annotated[tuple[str, ...], NoDecode] = ()
    report_month_to: Annotated[tuple[str, ...], NoDecode] = ()
    report_pdf: bool = False
    report_identifiers: bool = False
    edition_days: int = Field(default=800, ge=31, le=3650)
    smtp_host: str = ""
    smtp_port: int = Field(default=0, ge=0, le=65535)
    smtp_security: Literal["starttls", "tls", "none"] = "starttls"
    smtp_user: str = ""
    smtp_password: SecretStr = SecretStr("")
    smtp_from: str = ""
    smtp_ca_file: Path | None = None
    heartbeat_url: SecretStr = SecretStr("")
    metrics_textfile: Path | None = None
    webhook_hosts: Annotated[tuple[str, ...], NoDecode] = ()
    webhook_ca_file: Path | None = None
    webhook_key_file: Path | None = None

    @field_validator("psc_clients", mode="before")
    @classmethod
    def _by_application(cls, value: Any) -> Any:
        """``app=client,other=client`` of a variable, or a table of texts and lists of the file."""
        if isinstance(value, str):
            clients: dict[str, list[str]] = {}
            for pair in filter(str.strip, value.split(",")):
                application, equals, client = pair.partition("=")
                if not equals or not application.strip() or not client.strip():
                    raise ValueError("write it as application=client,application=client")
                clients.setdefault(application.strip(), []).append(client.strip())
            return clients
        if isinstance(value, dict):
            return {name: [given] if isinstance(given, str) else given for name, given in value.items()}
        return value

    @field_validator("dashboard_people", mode="before")
    @classmethod
    def _by_claim(cls, value: Any) -> Any:
        """``email:ana@chu.example=audit,groups:dsi=admin`` of a variable, or a table of texts and lists."""
        if isinstance(value, str):
            pairs = [pair.strip().rpartition("=") for pair in value.split(",") if pair.strip()]
            value = {}
            for who, _, scope in pairs:
                value.setdefault(who.strip(), []).append(scope.strip())
        if isinstance(value, dict):
            if strangers := [who for who in value if not all(map(str.strip, who.partition(":")))]:
                raise ValueError(f"'{strangers[0]}' names nobody: write it as claim:value (email:ana@chu.example)")
            return {who: [scopes] if isinstance(scopes, str) else scopes for who, scopes in value.items()}
        return value

    @field_validator(
        "ans_ca_file",
        "claims_inbox",
        "pseudonym_key_file",
        "schedule_file",
        "smtp_ca_file",
        "metrics_textfile",
        "webhook_ca_file",
        "webhook_key_file",
        mode="before",
    )
    @classmethod
    def _none_when_empty(cls, value: Any) -> Any:
        return value or None

    @field_validator(
        "extracts",
        "channels",
        "alert_to",
        "webhook_hosts",
        "dashboard_sign_in",
        "report_night_to",
        "report_week_to",
        "report_month_to",
        mode="before",
    )
    @classmethod
    def _split(cls, value: Any) -> Any:
        if isinstance(value, str):
            return [part.strip() for part in value.split(",") if part.strip()]
        return value

    @property
    def database(self) -> str:
        """The SQLAlchemy URL in force: the setting, or the embedded database in ``home``."""
        return self.database_url.get_secret_value() or f"sqlite:///{self.home / 'rpps-sync.sqlite'}"

    @property
    def archive(self) -> Path:
        """The folder of raw publications."""
        return self.home / "archive"

    @property
    def reports(self) -> Path:
        """The folder of the nightly reports."""
        return self.home / "reports"

    @property
    def nomenclature(self) -> Path:
        """The folder of code tables newer than those of this package."""
        return self.home / "nomenclature"

    @property
    def inbox(self) -> Path:
        """The folder that the night takes observations from."""
        return self.claims_inbox or self.home / "claims.inbox"

    def pseudonym_secret(self) -> bytes:
        """The key that pseudonyms are made with; empty when identifiers are kept in clear.

        Raises:
            UsageError: pseudonyms are asked for, and the key is missing, too short, given twice or unreadable.
        """
        if not self.pseudonymous:
            return b""
        given = self.pseudonym_key.get_secret_value().strip()
        if given and self.pseudonym_key_file:
            raise UsageError("PSEUDONYM_KEY and PSEUDONYM_KEY_FILE are both set", mend="keep the file alone")
        if self.pseudonym_key_file:
            given = _key_in(self.pseudonym_key_file)
        if len(given) < SHORTEST_KEY:
            what = "is too short" if given else "is missing"
            raise UsageError(
                f"PSEUDONYMOUS is set, and its key {what}: it has {SHORTEST_KEY} characters or more",
                mend="make one with 'openssl rand -hex 32'; keep it in PSEUDONYM_KEY_FILE and in a safe place",
                reason="pseudonym-key",
            )
        return given.encode()

    @property
    def jwks_url(self) -> str:
        """Where the issuer's keys are, or where it says where they are."""
        return self.psc_jwks_url or f"{self.psc_issuer}/.well-known/wallet-openid-configuration"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - part of the library's signature
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Command line over environment over file over defaults."""
        file = TomlConfigSettingsSource(settings_cls, toml_file=_chosen_file)
        return init_settings, env_settings, file, file_secret_settings


def _key_in(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            f"the key of the pseudonyms cannot be read from {path}", mend="check PSEUDONYM_KEY_FILE and its rights"
        ) from error


_chosen_file: Path | None = None


def load(config: Path | None = None, **overrides: Any) -> Settings:
    """Read the settings in force.

    Args:
        config: a settings file; else ``rpps-sync.toml`` of the working directory or of ``$RPPS_SYNC_HOME``.
        overrides: values that win over everything else.

    Raises:
        UsageError: a value is not acceptable, or the file cannot be read; the message names the setting.
    """
    global _chosen_file  # noqa: PLW0603 - pydantic-settings offers no way to hand a file to one load
    _chosen_file = settings_file(config)
    try:
        return Settings(**overrides)
    except ValidationError as error:
        raise UsageError(_in_words(error), mend="see 'rpps-sync config show' and docs/settings.md") from error
    except (OSError, ValueError) as error:
        raise UsageError(
            f"the settings file {_chosen_file} cannot be read: {error}", mend="mend it or pass --config"
        ) from error
    finally:
        _chosen_file = None


def settings_file(config: Path | None = None) -> Path | None:
    """The settings file in force, or None when there is none.

    Raises:
        UsageError: the file asked for does not exist.
    """
    if config is not None:
        if not config.is_file():
            raise UsageError(f"there is no settings file {config}", mend="check the path given with --config")
        return config
    candidates = [Path.cwd() / SETTINGS_FILE]
    if home := os.environ.get(f"{PREFIX}HOME"):
        candidates.append(Path(home) / SETTINGS_FILE)
    return next((path for path in candidates if path.is_file()), None)


def _in_words(error: ValidationError) -> str:
    problems = (
        f"{PREFIX}{'.'.join(str(part) for part in item['loc']).upper()}: {item['msg'].lower()}"
        for item in error.errors(include_url=False, include_input=False)
    )
    return "; ".join(problems)
