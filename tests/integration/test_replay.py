"""Any archived day can be rebuilt elsewhere, as it was served."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import select

from databases import lose
from extract_builder import Line, hospital, national_id, person, world, write
from pipelines.nightly import accept, run_night
from pipelines.replay import replay
from rpps_sync import cli
from rpps_sync.directory import history, labels, ledger
from rpps_sync.directory.engine import open_engine, reading
from rpps_sync.directory.tables import FORMER_VERSIONS, PRACTITIONERS
from rpps_sync.errors import NotFound, UsageError
from rpps_sync.practitioner import Practitioner
from rpps_sync.publication import ExtractKind
from rpps_sync.publisher.folder import FolderSource
from rpps_sync.run_summary import Outcome, RunSummary
from rpps_sync.settings import Settings
from rpps_sync.simulator.publish import publish

from .conftest import RunDay

PA = ExtractKind.PERSONNE_ACTIVITE
Told = tuple[dict[str, Practitioner], dict[tuple[str, str], str]]


def served(url: str, seq: int) -> Told:
    """All documents and labels of one publication of a database."""
    engine = open_engine(url)
    with reading(engine) as connection:
        names = {*connection.execute(select(PRACTITIONERS.c.national_id)).scalars()}
        names |= {*connection.execute(select(FORMER_VERSIONS.c.national_id)).scalars()}
        found = {name: history.document_at(connection, name, seq) for name in sorted(names)}
        words = dict(labels.load(connection, seq).by_code)
    engine.dispose()
    return {name: document for name, document in found.items() if document}, words


def replayed(settings: Settings, summary: RunSummary, tmp_path: Path) -> Told:
    """The documents and labels of a replay of the publication of one night."""
    assert summary.publication is not None
    url = f"sqlite:///{tmp_path / 'replays' / summary.publication.id}.sqlite"
    done = replay(settings, summary.publication.id, url)
    documents, words = served(url, 1)
    assert done.practitioners == len(documents)
    return documents, words


def same(now: Told, then: Told) -> bool:
    """Whether the documents are equal, and every code published that day has the label it had."""
    return now[0] == then[0] and now[1].items() <= then[1].items()


def broken(folder: Path, numbers: Sequence[int]) -> Path:
    """The activity lines of some practitioners lose their last field."""
    (path,) = folder.glob("*Personne*")
    rows = path.read_text(encoding="utf-8").split("\n")
    owners = {national_id(number) for number in numbers}
    path.write_text("\n".join(row.rsplit("|", 1)[0] if owners & {*row.split("|")} else row for row in rows))
    return folder


def test_each_archived_day_is_rebuilt_as_it_was_served(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After some nights of change, the replay of each day equals what the lived directory says of that day."""
    publish(tmp_path / "world", practitioners=500, first_day=date(2026, 11, 18), days=3, seed=8, change_rate=0.05)
    nights = []
    for day in (1, 2, 3):
        monkeypatch.setenv("RPPS_SYNC_NOW", f"2026-11-{17 + day:02}T20:00:00Z")
        nights.append(run_night(settings, FolderSource(tmp_path / "world" / f"day-{day}")))
    for seq, night in enumerate(nights, start=1):
        then = served(settings.database, seq)
        assert len(then[0]) > 400
        assert same(replayed(settings, night, tmp_path), then)


def test_who_had_an_unreadable_line_is_rebuilt_in_the_version_served_then(
    settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The last good version is found days back; who had none is absent, as then; the count says how many."""
    labelled = {"skill_type": "S", "skill": "SM98", "skill_label": "Spécialité inventée"}
    days: list[tuple[Mapping[ExtractKind, Sequence[Line]], Sequence[int]]] = [
        (world(300) | {PA: [*world(300)[PA][:7], person(7, **labelled), *world(300)[PA][8:]]}, ()),
        (world(300) | {PA: [*world(300)[PA], person(300)]}, (7, 300)),
        (world(300) | {PA: [person(number, **hospital(3)) for number in range(301)]}, (7, 9, 300)),
    ]
    nights = []
    for day, (lines, numbers) in enumerate(days, start=18):
        monkeypatch.setenv("RPPS_SYNC_NOW", f"2026-11-{day:02}T06:00:00Z")
        folder = broken(write(tmp_path / f"day-{day}", f"202611{day:02}0515", lines), numbers)
        nights.append(run_night(settings, FolderSource(folder)))
        assert nights[-1].outcome is Outcome.PUBLISHED, nights[-1].message
    then = served(settings.database, 3)
    now = replayed(settings, nights[2], tmp_path)
    assert same(now, then)
    assert national_id(300) not in now[0]
    assert now[0][national_id(7)].exercises[0].skills[0].code == "SM98"
    assert now[1]["skill", "SM98"] == "Spécialité inventée"
    assert same(replayed(settings, nights[1], tmp_path), served(settings.database, 2))


def test_what_a_refused_publication_said_is_not_a_last_good_version(
    run_day: RunDay, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A refused publication can be replayed for study, but nothing of it enters the replay of a served one."""
    first = run_day(18, world(600))
    refused = run_day(19, world(400) | {PA: [person(number, mode="L") for number in range(400)]})
    assert refused.outcome is Outcome.REFUSED
    monkeypatch.setenv("RPPS_SYNC_NOW", "2026-11-20T06:00:00Z")
    third = run_night(settings, FolderSource(broken(write(tmp_path / "third", "202611200515", world(600)), (5,))))
    assert third.outcome is Outcome.PUBLISHED
    assert replayed(settings, third, tmp_path)[0][national_id(5)].exercises[0].activities[0].mode == "S"
    studied = replayed(settings, refused, tmp_path)[0]
    assert len(studied) == 400
    assert studied[national_id(5)].exercises[0].activities[0].mode == "L"
    assert same(replayed(settings, first, tmp_path), served(settings.database, 1))
    assert refused.publication is not None
    assert accept(settings, refused.publication.id, "C. EXEMPLE", "study").outcome is not Outcome.PUBLISHED


def test_a_lost_directory_is_rebuilt_from_the_archive_and_the_nights_go_on(
    run_day: RunDay, settings: Settings
) -> None:
    """Without the database in service, a replay into its place gives one that the next night carries on."""
    run_day(18, world(300))
    last = run_day(19, world(299))
    before = served(settings.database, 2)
    lose(settings.database)
    assert last.publication is not None
    assert replay(settings, last.publication.id, settings.database).status == ""
    assert same(served(settings.database, 1), before)
    people = run_day(20, world(298)).delta.practitioners
    assert (people.added, people.changed, people.departed, people.total) == (0, 0, 1, 298)


def test_a_replay_writes_over_nothing(run_day: RunDay, settings: Settings, tmp_path: Path) -> None:
    """A database with anything in it is refused, and neither it nor the directory in service is touched."""
    first = run_day(18, world(100))
    assert first.publication is not None
    url = f"sqlite:///{tmp_path / 'other.sqlite'}"
    before = _digest(settings)
    assert replay(settings, first.publication.id, url).practitioners == 100
    for occupied in (url, settings.database):
        with pytest.raises(UsageError, match="not empty"):
            replay(settings, first.publication.id, occupied)
    foreign = open_engine(f"sqlite:///{tmp_path / 'foreign.sqlite'}")
    with foreign.begin() as connection:
        connection.exec_driver_sql("CREATE TABLE invoices (id INTEGER)")
    foreign.dispose()
    with pytest.raises(UsageError, match="not empty"):
        replay(settings, first.publication.id, f"sqlite:///{tmp_path / 'foreign.sqlite'}")
    with pytest.raises(NotFound):
        replay(settings, "2026-01-01-abcdef", f"sqlite:///{tmp_path / 'new.sqlite'}")
    assert not (tmp_path / "new.sqlite").exists()
    assert _digest(settings) == before


def _digest(settings: Settings) -> str:
    engine = open_engine(settings.database)
    with reading(engine) as connection:
        told = [list(connection.exec_driver_sql(f"SELECT * FROM {name}")) for name in ("runs", "publications")]
    engine.dispose()
    files = sorted(path.read_bytes() for path in settings.archive.rglob("*") if path.is_file())
    return hashlib.sha256(repr((told, files)).encode()).hexdigest()


def test_replay_at_the_command_line_gives_a_database_to_look_into(
    run_day: RunDay,
    settings: Settings,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The command says what it rebuilt, and lookup answers from the new database by its URL."""
    first = run_day(18, world(100))
    run_day(19, world(99))
    assert first.publication is not None
    url = f"sqlite:///{tmp_path / 'past.sqlite'}"
    monkeypatch.setenv("RPPS_SYNC_HOME", str(settings.home))
    monkeypatch.setenv("RPPS_SYNC_DATABASE_URL", settings.database)
    capsys.readouterr()
    assert cli._run(["replay", first.publication.id, "--into", url, "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert (answer["status"], answer["practitioners"], answer["held"]) == ("published", 100, 0)
    monkeypatch.setenv("RPPS_SYNC_DATABASE_URL", url)
    assert cli._run(["lookup", national_id(99), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["publication"] == first.publication.id
    with reading(open_engine(url)) as connection:
        (run,) = ledger.runs(connection)
    assert run["message"] == f"replay of publication {first.publication.id}"
