import pytest

from pipelines import observed_people
from pipelines.observed_people import ObservedPeople


def test_everybody_seen_is_handed_out_once_and_in_order(monkeypatch: pytest.MonkeyPatch) -> None:
    """However often they were seen, and whether or not they were put away meanwhile."""
    monkeypatch.setattr(observed_people, "TOGETHER", 3)
    people = ObservedPeople()
    assert (len(people), list(people.pages())) == (0, [])
    for names in (["c", "a"], ["b", "a", "d"], [], ["d", "e"], ["a"]):
        people.update(names)
    assert len(people) == 5
    assert list(people.pages()) == [["a", "b", "c"], ["d", "e"]]
    people.update(["f"])
    assert len(people) == 6
