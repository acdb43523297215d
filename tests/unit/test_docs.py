"""Pages that must say what the code does."""

from __future__ import annotations

import re
import runpy
import tomllib
from pathlib import Path
from typing import Any

import pytest
import typer

from rpps_sync import errors
from rpps_sync.cli import app
from rpps_sync.comparison.fields import SEVERITIES
from rpps_sync.finding import Verdict
from rpps_sync.freshness.objectives import objectives
from rpps_sync.settings import PREFIX, Settings

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
PAGES = [*DOCS.rglob("*.md"), *ROOT.glob("*.md")]
ALONE = (
    "run",
    "fetch",
    "demo",
    "lookup",
    "search",
    "enrich",
    "changes",
    "check",
    "accept",
    "replay",
    "compare",
    "dashboard",
    "freshness",
    "report",
    "doctor",
    "forget",
    "purge",
    "pseudonymise",
    "serve",
    "schedule",
    "install-timer",
)
FOR_EYES = {"dashboard"}  # it answers people, in a browser
LEDGERS = ("runs", "publications", "quarantine")
GROUPS = {
    "alerts": ("check", "list", "test"),
    "checks": ("ack", "compare", "list", "rows", "score"),
    "claims": ("inbox", "ingest", "show", "stats", "verify"),
    "config": ("show",),
    "db": ("backup", "check", "copy", "current", "restore", "upgrade"),
    "findings": ("ack", "export", "lags", "list", "show", "worklist"),
    "keys": ("create", "list", "pseudonym", "revoke", "rotate"),
    "nomenclature": ("list", "show", "update"),
    "runs": ("show",),
    "simulate": ("publish", "serve", "tokens"),
    "webhooks": ("add", "deliver", "enable", "list", "remove", "rotate", "test"),
}
COMMANDS = {*ALONE, *LEDGERS, *(f"{group} {name}" for group, names in GROUPS.items() for name in names)}


@pytest.fixture(scope="module")
def generator() -> dict[str, Any]:
    """The script behind ``make docs``."""
    return runpy.run_path(str(DOCS / "generate.py"))


@pytest.mark.parametrize("page", ["commands", "extracts", "normalisation", "quality"])
def test_generated_page_is_up_to_date(page: str, generator: dict[str, Any]) -> None:
    """A changed option or column shows in the reference; 'make docs' writes it again."""
    assert (DOCS / f"{page}.md").read_text(encoding="utf-8") == generator[page](), "run 'make docs'"


def test_every_command_of_the_interface_exists_with_help_and_json(generator: dict[str, Any]) -> None:
    """Other programs rely on these names; each says what it does and can answer in JSON."""
    found = dict(generator["_leaves"]("", typer.main.get_command(app)))
    assert {name.strip() for name in found} == COMMANDS
    for name, command in found.items():
        assert command.help, name
        options = {option for parameter in command.params for option in parameter.opts}
        assert "--json" in options or name.strip() in FOR_EYES, name
        assert all(parameter.help for parameter in command.params if parameter.name != "help"), name


def test_every_setting_is_documented() -> None:
    """A setting that is not in the table would be found by reading code only, and the reverse misleads."""
    page = (DOCS / "settings.md").read_text(encoding="utf-8")
    documented = set(re.findall(rf"^\| `{PREFIX}(\w+)` \|", page, re.MULTILINE))
    assert documented == {name.upper() for name in Settings.model_fields}


def test_every_exit_code_is_documented() -> None:
    """The page and the README name each code of the program."""
    codes = {value for name, value in vars(errors).items() if name.startswith("EXIT_")}
    for path in (DOCS / "exit-codes.md", ROOT / "README.md"):
        rows = re.findall(r"^\| ([\d, ]+) \|", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert codes <= {int(code) for row in rows for code in row.split(",")}, path.name


def test_every_verdict_and_field_is_documented() -> None:
    """Whoever reads a finding finds its words explained."""
    page = (DOCS / "verdicts.md").read_text(encoding="utf-8")
    assert [word for word in (*Verdict, *SEVERITIES) if f"`{word}`" not in page] == []


def test_every_objective_is_documented_with_its_limits() -> None:
    """Whoever is woken by an objective finds what it watches and how old it may grow."""
    page = (DOCS / "freshness.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `([a-z_.]+)` \| (.+)$", page, re.MULTILINE))
    for objective in objectives():
        assert objective.id in rows
        for limit in filter(None, (objective.warn, objective.error)):
            assert re.search(rf"\b{limit}\b", rows[objective.id]), objective.id


def test_every_dependency_has_its_reason() -> None:
    """Nothing is installed on a hospital's server without a line that says why."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    names = {re.split(r"[\[<>=~! ]", requirement)[0].lower() for requirement in wanted}
    rows = re.findall(
        r"^\| ([^|]+) \|", (DOCS / "adr/0002-dependencies.md").read_text(encoding="utf-8"), re.MULTILINE
    )
    explained = {word.lower() for row in rows for word in re.split(r"[ ,]+", row)}
    assert names - explained == set()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    """No link of a page points at a file that is not there."""
    targets = re.findall(r"\]\((?!https?://)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [target for target in targets if not (page.parent / target).exists()] == []
