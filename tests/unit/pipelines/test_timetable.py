"""The timetable: hours that exist once a day, whatever the clocks do."""

from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from pipelines.scheduling import scheduler_of, trigger_of
from pipelines.timetable import Job, load_timetable
from rpps_sync.errors import UsageError

PARIS = ZoneInfo("Europe/Paris")
CHANGES = (date(2026, 3, 29), date(2026, 10, 25), date(2027, 3, 28), date(2027, 10, 31))


def fired(job: Job, start: datetime, end: datetime) -> list[datetime]:
    """Every instant, in UTC, at which a job starts."""
    trigger = trigger_of(job, load_timetable())
    found: list[datetime] = []
    moment = trigger.get_next_fire_time(None, start)
    while moment < end:
        found.append(moment.astimezone(UTC))
        moment = trigger.get_next_fire_time(moment, moment)
    return found


@pytest.mark.parametrize("day", CHANGES)
def test_no_job_starts_twice_or_never_on_the_night_the_clocks_change(day: date) -> None:
    """Daily jobs start once on the three days around; the others every so many minutes, without a gap."""
    start = datetime.combine(day - timedelta(days=1), time(), PARIS).astimezone(UTC)
    end = datetime.combine(day + timedelta(days=2), time(), PARIS).astimezone(UTC)
    for job in load_timetable().jobs:
        times = fired(job, start, end)
        if job.at is None:
            gaps = {later - earlier for earlier, later in pairwise(times)}
            assert gaps == {timedelta(minutes=job.every_minutes)}, job.id
        elif not job.on:
            assert [at.astimezone(PARIS).date() for at in times] == [day + timedelta(days=n) for n in (-1, 0, 1)]


def test_a_late_job_is_started_late_rather_than_forgotten() -> None:
    """Six hours of grace are on every job, where APScheduler honours them, with an id of its own."""
    timetable = load_timetable()
    scheduler = scheduler_of(timetable, lambda _: None)
    scheduler.start(paused=True)
    found = {job.id: (job.misfire_grace_time, job.coalesce, job.max_instances) for job in scheduler.get_jobs()}
    scheduler.shutdown()
    assert found == {job.id: (6 * 3600, True, 1) for job in timetable.jobs}


def test_the_hour_that_was_missed_is_the_last_one_of_its_day() -> None:
    """Every day counts, or only its weekday; what has no hour is never overdue."""
    friday = datetime(2026, 11, 20, 1, tzinfo=UTC)
    daily, sunday = Job("d", (), {}, at=time(4, 15)), Job("s", (), {}, at=time(13, 30), on="sun")
    assert daily.due_before(friday, PARIS) == datetime(2026, 11, 19, 3, 15, tzinfo=UTC)
    assert sunday.due_before(friday, PARIS) == datetime(2026, 11, 15, 12, 30, tzinfo=UTC)
    first = Job("f", (), {}, at=time(7, 45), on="1")
    assert first.due_before(friday, PARIS) == datetime(2026, 11, 1, 6, 45, tzinfo=UTC)
    assert Job("m", (), {}, every_minutes=15).due_before(friday, PARIS) is None


def test_report_of_the_month_is_written_on_the_first_of_each() -> None:
    """Months of any length, clocks of either season."""
    jobs = {job.id: job for job in load_timetable().jobs}
    times = fired(jobs["monthly-report"], datetime(2027, 1, 15, tzinfo=UTC), datetime(2027, 5, 2, tzinfo=UTC))
    assert [(at.month, at.day, at.hour) for at in times] == [(2, 1, 6), (3, 1, 6), (4, 1, 5), (5, 1, 5)]
    (monday,) = fired(
        jobs["weekly-report"], datetime(2026, 11, 20, tzinfo=UTC), datetime(2026, 11, 26, tzinfo=UTC)
    )
    assert monday == datetime(2026, 11, 23, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ('at = "02:30"', "twice or never"),
        ('at = "04:15"\non = "sunday"', "'on' is one of"),
        ('at = "04:15"\non = "31"', "1 to 28"),
        ("every_minutes = 7", "must divide 60"),
        ("catch_up = true", "either 'at' or 'every_minutes'"),
        ('at = "25:00"', "cannot be used"),
    ],
)
def test_an_impossible_hour_is_refused_where_it_is_declared(wrong: str, told: str, tmp_path: Path) -> None:
    """Whoever writes a timetable reads which job is wrong, with exit code 2, before anything starts."""
    text = 'timezone = "Europe/Paris"\nmisfire_grace_hours = 6\n[deposit]\nuntil = "12:00"\n'
    text += 'look_every_minutes = 10\nlock_minutes = 30\n[[job]]\nid = "mine"\ncommand = ["run"]\n'
    text += f"{wrong}\ntitle = {{}}\n"
    file = tmp_path / "schedule.toml"
    file.write_text(text)
    with pytest.raises(UsageError, match=told):
        load_timetable(file)
