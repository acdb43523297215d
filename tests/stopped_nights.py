"""An installation on the eve of its third night, put back as often as wanted: for the tests and for the soak."""

from __future__ import annotations

import io
import json
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path

from content import Content, content
from extract_builder import hospital, national_id, person, world, write
from pipelines.claims_intake import take_in, verifier_of
from postgres_server import Server
from rpps_sync.directory import upkeep
from rpps_sync.directory.engine import open_engine
from rpps_sync.publication import ExtractKind
from rpps_sync.settings import load
from warm_nights import BEGINS, ENDS, Night, Nights

PHASES = ("receive", "examine", "check", "publish", "compare", "freshness", "report", "tidy")
LEFT_OVERS = (".*", "*.part", "*.draft", "*.tmp")  # names of files under way, anywhere in the home folder
FIRST_DAY = 18


def _observation(number: int) -> bytes:
    activities = [{"codeModeExercice": "S", "identifiantTechniqueDeLaStructure": f"F99{number % 10:07}"}]
    exercise = {
        "codeProfession": "60",
        "codeCategorieProfessionnelle": "C",
        "nomDexercice": f"EXEMPLE {number}",
        "prenomDexercice": "CAMILLE",
        "activities": activities,
    }
    userinfo = {"SubjectNameID": national_id(number), "SubjectRefPro": {"exercices": [exercise]}}
    seen = {"observed_at": "2026-11-18T08:00:00Z", "source": "dpi", "userinfo": userinfo}
    return json.dumps(seen).encode() + b"\n"


@dataclass
class Site:
    """A home and its database on the eve of the third night, on which everybody moves to another hospital."""

    folder: Path
    nights: Nights
    server: Server | None = None  # None: the embedded database
    people: int = 300
    url: str = ""  # of the database now in place
    old: Content = field(default_factory=dict)  # what the directory holds before the night,
    new: Content = field(default_factory=dict)  # and after it
    steps: dict[str, tuple[float, float]] = field(default_factory=dict)  # of a night left alone: from, to (s)
    length: float = 0.0
    _kept_url: str = ""

    @property
    def home(self) -> Path:
        """Where the installation is."""
        return self.folder / "home"

    def prepare(self) -> None:
        """Live through two nights, keep that state, and rehearse the third one."""
        self.url = self.server.empty() if self.server else ""
        for day in range(FIRST_DAY, FIRST_DAY + 3):
            lines = world(self.people)
            moved = [person(n, **hospital((n + day) % 10)) for n in range(self.people)]
            lines[ExtractKind.PERSONNE_ACTIVITE] = moved
            write(self.folder / str(day), f"202611{day}0515", lines)
        for day in (FIRST_DAY, FIRST_DAY + 1):
            self._end(self.start(day=day))
            if day == FIRST_DAY:
                self._observe()
        self.old = self.content()
        shutil.copytree(self.home, self.folder / "kept")
        self._kept_url, self.url = self.url, ""
        self.restore()
        self._rehearse()

    def _observe(self) -> None:
        settings = load(home=self.home, database_url=self.url) if self.url else load(home=self.home)
        engine = open_engine(settings.database)
        told = b"".join(_observation(number) for number in range(self.people // 3))
        take_in(engine, io.BytesIO(told), verifier_of(settings), grace=3)
        engine.dispose()

    def _rehearse(self) -> None:
        begun = time.monotonic()
        night = self.start()
        self._end(night)
        self.length = time.monotonic() - begun
        starts = {name: at for at, word, name in night.seen if word == BEGINS}
        self.steps = {name: (starts[name] - begun, at - begun) for at, word, name in night.seen if word == ENDS}
        self.new = self.content()
        assert self.new != self.old
        assert set(PHASES) <= set(self.steps)

    def _end(self, night: Night) -> None:
        assert night.end() == 0, night.log.read_text()

    def restore(self) -> None:
        """Put the eve of the third night back."""
        shutil.rmtree(self.home)
        shutil.copytree(self.folder / "kept", self.home)
        if self.server:
            if self.url:
                self.server.drop(self.url)
            self.url = self.server.copy(self._kept_url)

    def start(self, *, day: int = FIRST_DAY + 2) -> Night:
        """Start the night of a day."""
        log = self.folder / "log"
        log.write_text("")
        return self.nights.start(self.command(day), self.environment(day), log)

    def command(self, day: int = FIRST_DAY + 2) -> list[str]:
        """The arguments of the night of a day."""
        return ["--quiet", "run", "--from", str(self.folder / str(day))]

    def environment(self, day: int = FIRST_DAY + 2) -> dict[str, str]:
        """The settings of a day."""
        told = {"RPPS_SYNC_HOME": str(self.home), "RPPS_SYNC_NOW": f"2026-11-{day}T06:00:00Z"}
        return told | ({"RPPS_SYNC_DATABASE_URL": self.url} if self.url else {})

    def content(self) -> Content:
        """What the directory says, by its digest, once it is found whole."""
        engine = open_engine(self.url or f"sqlite:///{self.home / 'rpps-sync.sqlite'}")
        try:
            assert upkeep.damages(engine) == []
            return content(engine)
        finally:
            engine.dispose()

    def left_over(self) -> list[str]:
        """Files and folders that only a night under way should have."""
        found = {path for pattern in LEFT_OVERS for path in self.home.rglob(pattern)}
        return sorted(str(path.relative_to(self.home)) for path in {*found, *self.home.glob("work")})

    def assert_whole(self) -> str:
        """The former or the new publication is there, whole; which one."""
        found = self.content()
        assert found in (self.old, self.new)
        return "new" if found == self.new else "old"

    def assert_goes_on(self) -> None:
        """The next run ends the work by itself, and leaves nothing behind."""
        self._end(self.start())
        assert self.content() == self.new
        assert self.left_over() == [], self.left_over()
