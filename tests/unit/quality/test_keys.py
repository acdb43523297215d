from extract_builder import person, rpps
from gate_visits import nurses, profile, speaking, visit
from rpps_sync.run_summary import CheckStatus


def _with_a_wrong_key(number: int) -> dict[str, str]:
    """The n-th person, whose number has another last digit."""
    good = rpps(number)
    wrong = good[:-1] + str((int(good[-1]) + 1) % 10)
    return person(number, identifier=wrong, national_id="8" + wrong)


def test_few_wrong_keys_are_counted_and_pass() -> None:
    """Some real numbers fail the key: four lines wake nobody."""
    result = visit(profile([*nurses(200), *(_with_a_wrong_key(n) for n in range(300, 304))]))["keys.rpps-luhn"]
    assert result.success
    assert result.failing == 4


def test_many_wrong_keys_are_an_error() -> None:
    """Damaged digits show as keys that no longer match."""
    damaged = [_with_a_wrong_key(number) for number in range(300, 310)]
    results = visit(profile([*nurses(200), *damaged]))
    assert speaking(results) == {"keys.rpps-luhn": "error"}
    assert results["keys.rpps-luhn"].failing == 10


def test_file_whose_numbers_are_all_wrong_is_refused() -> None:
    """Publishing them would make everybody unknown."""
    assert visit(profile([_with_a_wrong_key(n) for n in range(60)]))["keys.rpps-luhn"].blocks


def test_two_columns_naming_two_people_are_an_error() -> None:
    """The national identification of a line is its type and its identifier."""
    crossed = person(900, national_id=person(901)["national_id"])
    results = visit(profile([*nurses(200), crossed]))
    assert speaking(results) == {"keys.prefix": "error"}
    assert results["keys.prefix"].failing == 1


def test_old_adeli_numbers_pass() -> None:
    """Type 0, nine characters, Corsican letters included: no Luhn key of 11 digits is asked of them."""
    adeli = [
        person(n, id_type="0", identifier=identifier, national_id=f"0{identifier}")
        for n, identifier in enumerate(("751234567", "2A1234567"))
    ]
    results = visit(profile([*nurses(30), *adeli]))
    assert speaking(results) == {}
    assert results["keys.adeli-shape"].success
    assert results["keys.rpps-luhn"].rows == 30


def test_keys_of_absent_kinds_are_skipped() -> None:
    """No ADELI number in the file: the check of their shape says so instead of passing."""
    assert visit(profile(nurses(30)))["keys.adeli-shape"].status is CheckStatus.SKIPPED
