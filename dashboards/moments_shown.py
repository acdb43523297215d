"""The life of a practitioner in the directory, told as a list of days with what changed on each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from markupsafe import Markup

from dashboards import pieces
from dashboards.coded import in_words
from dashboards.wording import Words
from rpps_sync.directory.changes import ChangeKind
from rpps_sync.directory.differences import Change
from rpps_sync.directory.timeline import Moment


def moments(words: Words, life: Sequence[Moment], shown_on: str) -> None:
    """Put it on the page, newest first; the day whose record is shown is marked."""
    items = [_moment(words, one, here=_is_shown(life, rank, shown_on)) for rank, one in enumerate(life)]
    pieces.show(Markup('<ul class="moments">{}</ul>').format(Markup("").join(items)))


def _is_shown(life: Sequence[Moment], rank: int, shown_on: str) -> bool:
    """Whether this is the last moment up to a day."""
    newer = life[rank - 1].day.isoformat() if rank else "9999"
    return life[rank].day.isoformat() <= shown_on < newer


def _moment(words: Words, one: Moment, *, here: bool) -> Markup:
    title = words.app("person.moment", day=words.day(one.day), kind=words.known("app.change_kind", one.kind))
    changes = Markup("").join(Markup("<li>{}</li>").format(line) for line in _changes(words, one.changes))
    body = Markup("<ul>{}</ul>").format(changes) if changes else Markup("")
    if one.kind is ChangeKind.ARRIVED:
        body = Markup('<p class="note">{}</p>').format(words.app("person.first_seen"))
    return Markup('<li class="{}"><h3>{}</h3>{}</li>').format("here" if here else "", title, body)


def _changes(words: Words, changes: Sequence[Change]) -> Iterator[Markup]:
    """One line a field; what one element of a set gave way to is told together."""
    by_field: dict[str, list[Change]] = {}
    for change in changes:
        by_field.setdefault(change.field, []).append(change)
    for field, told in by_field.items():
        gone = [one.before for one in told if one.before and not one.after]
        come = [one.after for one in told if one.after and not one.before]
        if len(told) == 2 and len(gone) == len(come) == 1:
            yield _line(words, field, gone[0], come[0])
        else:
            yield from (_line(words, field, one.before, one.after) for one in told)


def _line(words: Words, field: str, before: str | None, after: str | None) -> Markup:
    told = words.app("person.field", field=field_in_words(words, field))
    old, new = in_words(field, before), in_words(field, after)
    if old and new:
        return Markup("{} <del>{}</del> → <ins>{}</ins>").format(told, old, new)
    if new:
        return Markup("{} <ins>+ {}</ins>").format(told, new)
    return Markup("{} <del>− {}</del>").format(told, old)


def field_in_words(words: Words, field: str) -> str:
    """The field in words; mailboxes and cards, which the reports do not name, by their own."""
    known = words.known("field", field)
    return words.known("app.own_field", field) if known == field else known
