from sqlalchemy import select

from extract_builder import card, mailbox, national_id, person
from rpps_sync.directory import changes, history
from rpps_sync.directory.engine import reading
from rpps_sync.directory.lookup import lookup
from rpps_sync.directory.tables import STRUCTURE_MAILBOXES
from rpps_sync.practitioner import Card, Mailbox
from rpps_sync.publication import ExtractKind
from small_directory import FIRST_DAY, SmallDirectory

PA, MAIL, CARDS = ExtractKind.PERSONNE_ACTIVITE, ExtractKind.MSSANTE, ExtractKind.CARTES
ADDRESS = "camille.exemple-1@infirmier.mssante.invalid"


def organisation(identifier: str, address: str) -> dict[str, str]:
    """A mailbox of a structure: no person in it."""
    return {
        "mailbox_type": "ORG",
        "structure_id_type": "1",
        "structure_identifier": identifier,
        "address": address,
    }


def test_mailboxes_and_cards_belong_to_the_document(directory: SmallDirectory) -> None:
    """A practitioner's document holds the mailboxes and cards of the two other extracts."""
    directory.publish({PA: [person(1)], MAIL: [mailbox(1)], CARDS: [card(1)]})
    with reading(directory.engine) as connection:
        document = history.document_at(connection, national_id(1), 1)
        told = lookup(connection, national_id(1))
    assert document is not None
    assert document.mailboxes == (Mailbox(ADDRESS, paperless="O"),)
    assert document.cards == (Card("9900000001", "CPS", "2024-01-01", "2027-01-01", updated_on="2024-01-01"),)
    assert told["cards"][0]["type"] == {"code": "CPS", "label": "Carte de professionnel de santé"}


def test_an_opposed_card_is_one_change_of_one_field(directory: SmallDirectory) -> None:
    """The day of opposition is told as such, and past days still show the card as it was."""
    directory.publish({PA: [person(1)], CARDS: [card(1)]})
    directory.publish({PA: [person(1)], CARDS: [card(1, opposed_on="2026-11-02")]})
    with reading(directory.engine) as connection:
        (change,) = list(changes.feed(connection, since=1))
        before = lookup(connection, national_id(1), as_of=FIRST_DAY)
    assert (change["field"], change["element"], change["after"]) == ("card.opposed_on", "9900000001", "2026-11-02")
    assert before["cards"][0]["opposed_on"] == ""


def test_mailboxes_of_organisations_follow_their_structure(directory: SmallDirectory) -> None:
    """A structure's mailboxes are replaced together when one of them moves; nobody's document changes."""
    directory.publish({PA: [person(1)], MAIL: [organisation("1990000001", "a@x.invalid")]})
    delta = directory.publish(
        {
            PA: [person(1)],
            MAIL: [organisation("1990000001", "b@x.invalid"), organisation("1990000002", "c@x.invalid")],
        }
    )
    assert (delta.added, delta.changed, delta.departed) == (0, 0, 0)
    with reading(directory.engine) as connection:
        addresses = connection.execute(select(STRUCTURE_MAILBOXES.c.address)).scalars().all()
    assert sorted(addresses) == ["b@x.invalid", "c@x.invalid"]


def test_a_mailbox_of_a_stranger_is_left_out(directory: SmallDirectory) -> None:
    """Somebody the activity extract does not contain is no practitioner, mailbox or not."""
    delta = directory.publish({PA: [person(1)], MAIL: [mailbox(2)]})
    assert delta.total == 1
