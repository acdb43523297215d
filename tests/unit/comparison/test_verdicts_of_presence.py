"""Whether the person is in the directory at all, and who agrees in everything."""

import pytest

from rpps_sync.comparison.verdicts import judge
from rpps_sync.finding import Severity, Verdict
from rpps_sync.observation import Scope
from rpps_sync.practitioner import DirectoryHistory

from .one_doctor import CLINIC, ID, NOV, OFFICE, differences, doctor, of_field, published, seen


def test_a_token_that_says_what_the_directory_says_is_consistent_everywhere() -> None:
    """Equal sides yield agreements only, one per field and element, and no evidence is kept."""
    judgements = judge(seen((1, doctor(CLINIC, OFFICE))), published((1, doctor(CLINIC, OFFICE))), grace=3)
    assert {one.verdict for one in judgements} <= {Verdict.CONSISTENT, Verdict.NOT_COMPARABLE}
    assert of_field(judgements, "activity.structure", OFFICE.key).verdict is Verdict.CONSISTENT
    assert {one.severity for one in judgements} == {Severity.INFO}
    assert len({one.id for one in judgements}) == len(judgements)


def test_practitioner_who_left_and_still_signs_in_is_departed() -> None:
    """One judgement, since the publication without them; nothing else is compared."""
    judgements = judge(seen((1, doctor(OFFICE))), published((1, doctor(CLINIC)), (4, None)), grace=3)
    assert [(one.field, one.verdict, one.since) for one in judgements] == [
        ("practitioner", Verdict.DEPARTED_PRACTITIONER, NOV[4])
    ]
    assert judgements[0].severity is Severity.HIGH


@pytest.mark.parametrize(("first_day", "verdict"), [(5, Verdict.PENDING), (4, Verdict.UNKNOWN_PRACTITIONER)])
def test_number_no_publication_contained_is_pending_then_unknown(first_day: int, verdict: Verdict) -> None:
    """A newcomer may be a day or two late in the extract."""
    assert differences(seen((first_day, doctor())), published()) == {("practitioner", "", verdict, NOV[first_day])}


@pytest.mark.parametrize("scope", [scope for scope in Scope if scope is not Scope.IN_SCOPE])
def test_identity_the_extract_never_contains_is_out_of_scope(scope: Scope) -> None:
    """Employee cards, PSI, ADELI and test-bed identities are told apart, since they were first seen."""
    judgements = judge(seen((2, doctor()), scope=scope), published(), grace=3)
    assert [(one.verdict, one.since, one.severity) for one in judgements] == [
        (Verdict.OUT_OF_SCOPE, NOV[2], Severity.INFO)
    ]


def test_nothing_is_said_before_the_first_publication() -> None:
    """Without a directory there is nothing to compare with."""
    judgements = judge(seen((1, doctor())), DirectoryHistory(ID, (), ()), grace=3)
    assert [one.verdict for one in judgements] == [Verdict.NOT_COMPARABLE]


def test_departed_person_who_signed_in_since_heads_the_list() -> None:
    """Somebody at work is graver than an account that fell silent before the departure."""
    at_work, silent = (
        judge(seen((1, doctor(CLINIC))), published((1, doctor(CLINIC)), (day, None)), grace=3)[0] for day in (4, 7)
    )
    assert (at_work.severity, silent.severity) == (Severity.HIGH, Severity.HIGH)
    assert (at_work.heads_the_list, silent.heads_the_list) == (True, False)
