"""Write the pages of the reference that the code knows best: commands, extracts, quality, normalisation.

    make docs

A test compares the pages with what this script would write.
"""  # noqa: INP001 - a script, not a package

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import typer

from rpps_sync.cli import app
from rpps_sync.comparison.rules import RULES, Pair
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.layouts import Column, layout
from rpps_sync.quality.declarations import Band, Check, LooksAt, load_checks
from rpps_sync.quality.rows import NO_ROWS

HERE = Path(__file__).parent
NOTICE = "<!-- Written by `make docs`; change the code, not this page. -->"


def commands() -> str:
    """The page of all commands, each with its arguments and options."""
    root = typer.main.get_command(app)
    lines = ["# Commands", "", NOTICE, "", "Options before the name of the command hold for all of them:", ""]
    lines += _parameters(root)
    lines += [
        "",
        "With `--json` a command prints one JSON document (or JSON lines, for a feed) on standard output and",
        "nothing else there; progress, notes, logs and errors go to standard error.",
        "Exit codes: [exit-codes.md](exit-codes.md).",
    ]
    for name, command in _leaves("rpps-sync", root):
        lines += ["", f"## {name}", "", *_paragraphs(command), "", "```text", _usage(name, command), "```"]
        if described := _parameters(command):
            lines += ["", *described]
    return "\n".join(lines) + "\n"


def extracts() -> str:
    """The page of the columns of each extract."""
    lines = [
        "# The extracts",
        "",
        NOTICE,
        "",
        "What the ANS publishes, column by column. Files are UTF-8 text, one header line, fields separated by",
        "`|`, never quoted. A header is read by name: a column may move, a known alias is accepted and reported,",
        "an unknown column is kept aside and reported, a missing one refuses the file. A trailing pipe is an",
        "empty last column. A column is expected in files of the vintage that brought it and of later ones.",
    ]
    for kind in ExtractKind:
        described = layout(kind)
        vintages = ", ".join(f"{count} columns in {name}" for name, count in described.vintages)
        lines += ["", f"## {kind}", "", f"`{described.file_name}` ({described.title}): {vintages}.", ""]
        lines += ["| # | column | key here | since | aliases |", "|---|---|---|---|---|"]
        lines += [_row(number, column) for number, column in enumerate(described.columns, start=1)]
    return "\n".join(lines) + "\n"


def quality() -> str:
    """The page of the checks, each with its bounds, its reason and its mend."""
    declared = load_checks()
    lines = [
        "# The checks",
        "",
        NOTICE,
        "",
        "Every publication is checked before anything is written. A *blocking* result refuses it and leaves",
        "the former one served; *errors* and *warnings* are told in the report; *info* is noted and asks",
        "nothing of anybody. A check that had nothing to look at is *skipped*, never green. Bounds are read",
        "worst first; below a floor nothing is too much, so that a small directory does not cry wolf. What",
        f"compares with the past looks at the last {declared.window} accepted publications. The declarations",
        "are in `pipelines/checks.toml`; the code tables behind the checks of codes and labels are listed by",
        "`rpps-sync nomenclature list`.",
        "",
        "Not checked, for want of the files that would tell: whether a FINESS number exists and is open (the",
        "FINESS extract), whether a commune exists this year (the official geographic code). Names are",
        "compared among those who moved only. The age of the publication, and of the last run, are freshness",
        "objectives rather than checks.",
        "",
        "The rows behind a result: `rpps-sync checks rows NAME`, as CSV that a spreadsheet opens safely. Behind a",
        "volume are the people who left and the groups that lost them, behind a shifted code the people with both",
        "codes, behind a label conflict both labels and their counts. These checks have no rows, and say why:",
        *_without_rows(declared.checks),
        "",
        "| check | looks at | gravest |",
        "|---|---|---|",
    ]
    lines += [
        f"| [{check.id}](#{check.id.replace('.', '')}) | {_title(check)} | {check.gravest} |"
        for check in declared.checks
    ]
    for check in declared.checks:
        lines += ["", f"## {check.id}", "", f"{_title(check)}. {check.reason.en}", ""]
        lines += [f"- {_bound(check, band)}" for band in check.bands]
        lines += [f"- family: {check.family}"]
        lines += [f"- files: {', '.join(check.files) or 'the publication as a whole'}"]
        lines += [f"- columns: {', '.join(check.columns)}"] if check.columns else []
        lines += [f"- rules: {', '.join(check.rules)}"] if check.rules else []
        lines += [f"- what to do: {check.mend.en}"]
    around = [
        (HERE / name).read_text(encoding="utf-8").rstrip("\n")
        for name in ("quality-scores.md", "quality-proof.md")
    ]
    return "\n".join([*lines, "", *around]) + "\n"


def _title(check: Check) -> str:
    return check.title.en.replace(": {column}", ", by column")


def _without_rows(checks: Iterable[Check]) -> Iterator[str]:
    """The checks behind which there is no row, by the reason."""
    names = dict.fromkeys(NO_ROWS.values(), "")
    for check in checks:
        if (reason := NO_ROWS.get(check.looks_at)) is not None:
            names[reason] += f", `{check.id}`"
    yield ""
    yield from (f"- {told.removeprefix(', ')}: {reason}" for reason, told in names.items())


def _bound(check: Check, band: Band) -> str:
    """One bound in words."""
    if check.looks_at is LooksAt.DEPOSITS:
        return f"{band.severity}: more than {band.floor - 1} hours"
    if check.looks_at is LooksAt.ROWS:
        return f"{band.severity}: fewer than {check.minimum}"
    said = {"above": "more than", "drop": "a fall of more than", "growth": "a rise of more than"}
    (name,) = (name for name in said if getattr(band, name) is not None)
    share = f"{band.share * 100:.2f}".rstrip("0").rstrip(".")
    bound = (
        f"{said[name]} {share} %"
        if band.share
        else said[name].replace(" of more than", "").replace("more than", "any")
    )
    spread = f", and {band.mads:g} times the usual spread" if band.mads else ""
    return f"{band.severity}: {bound}{spread}" + (f", from {band.floor} on" if band.floor > 1 else "")


def _row(number: int, column: Column) -> str:
    since = f"{column.since}, may be missing" if column.optional else column.since
    return f"| {number} | {column.name} | `{column.key}` | {since} | {', '.join(column.aliases)} |"


def _leaves(path: str, command: Any) -> Iterator[tuple[str, Any]]:
    for name, child in command.commands.items():
        if hasattr(child, "commands"):
            if child.invoke_without_command:  # a command of its own, and a group
                yield f"{path} {name}", child
            yield from _leaves(f"{path} {name}", child)
        else:
            yield f"{path} {name}", child


def normalisation() -> str:
    """The page of the rules that bring both sides to one form before they are compared."""
    lines = [
        "# Normalisation",
        "",
        NOTICE,
        "",
        "Before a value of a token is compared with the directory, both are brought to one form. Each rule below",
        "comes with pairs it holds equal and pairs it keeps apart; a test runs every one of them. In the examples",
        "a street is `number|repetition|type|name`, a postal code `code|bureau cedex`, a structure `technical",
        "identifier|former identifier|FINESS|SIRET`, or the cell alone. What the rules mean for verdicts is in",
        "[comparison.md](comparison.md). Values are never changed in the directory, only compared.",
        "",
        "| value | rule | equal | different | source |",
        "|---|---|---|---|---|",
    ]
    lines += [
        f"| {rule.subject} | {rule.does} | {_pairs(rule.equal, '=')} | {_pairs(rule.different, '≠')} "
        f"| {rule.source} |"
        for rule in RULES
    ]
    return "\n".join(lines) + "\n"


def _pairs(pairs: tuple[Pair, ...], sign: str) -> str:
    return "<br>".join(f"{_code(left)} {sign} {_code(right)}" for left, right in pairs)


def _code(text: str) -> str:
    return "`" + text.replace("|", "\\|") + "`"


def _paragraphs(command: Any) -> list[str]:
    return [line.strip() for line in (command.help or "").strip().splitlines()]


def _usage(name: str, command: Any) -> str:
    arguments = [item for item in command.params if item.param_type_name == "argument"]
    words = [f"{_argument(item)}{'…' if item.nargs == -1 else ''}" for item in arguments]
    return " ".join([name, "[OPTIONS]", *words])


def _parameters(command: Any) -> list[str]:
    shown = [item for item in command.params if item.name not in ("help", "install_completion", "show_completion")]
    return [f"- `{_name(item)}`: {_described(item)}" for item in shown]


def _name(parameter: Any) -> str:
    if parameter.param_type_name == "argument":
        return _argument(parameter)
    spelled = ", ".join([*parameter.opts, *parameter.secondary_opts])
    if parameter.is_flag:
        return spelled
    return f"{spelled} {parameter.metavar or parameter.name.upper()}"


def _argument(parameter: Any) -> str:
    return str(parameter.metavar or parameter.name.upper())


def _described(parameter: Any) -> str:
    text = parameter.help or ""
    default = parameter.default
    if (
        parameter.param_type_name == "argument"
        or parameter.is_flag
        or default in (None, "", False)
        or callable(default)
    ):
        return f"{text} Required." if parameter.required and parameter.param_type_name == "option" else text
    return f"{text} Default: `{getattr(default, 'value', default)}`."


if __name__ == "__main__":
    (HERE / "commands.md").write_text(commands(), encoding="utf-8")
    (HERE / "extracts.md").write_text(extracts(), encoding="utf-8")
    (HERE / "quality.md").write_text(quality(), encoding="utf-8")
    (HERE / "normalisation.md").write_text(normalisation(), encoding="utf-8")
