import pytest

from rpps_sync.formulas import harmless


@pytest.mark.parametrize(
    "cell", ["=1+1", "+33 1 99", "-1+1", "@SUM(A1)", " =1+1", "\u00a0=1+1", "\t=1", "\r=1", "\uff1d1+1", "-A1"]
)
def test_text_that_a_spreadsheet_would_compute_is_told_as_text(cell: str) -> None:
    """A name in a public file must not run anything on the machine of whoever opens a table."""
    assert harmless(cell) == f"'{cell}"


@pytest.mark.parametrize("cell", ["-5", "+33199000000", "1,5", "MARTIN", "a=b", "", None, -5, 1.5])
def test_cell_that_computes_to_itself_is_left_alone(cell: object) -> None:
    """A column of negative numbers stays one, and what is no text is no formula."""
    assert harmless(cell) == cell
