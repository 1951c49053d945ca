"""Every way of writing a value that the form accepts, and what is refused."""

from datetime import date, datetime, time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from chassis.normalise import (
    Cell,
    birth_date_in,
    date_of,
    digits_are_lost,
    identity_number_of,
    is_mans,
    mobile_of,
    squeeze,
    text_of,
)
from kith.sample.people import check_character

DAYS = st.dates(date(1900, 3, 1), date(2099, 12, 31))


@pytest.mark.parametrize("cell", ["", "  ", "　", "无", " 无 ", "-", "—", "/", "－", "／", "\u200b"])
def test_a_cell_that_says_nothing_is_empty(cell: str) -> None:
    assert text_of(cell) == ""


def test_text_loses_its_spaces_and_full_width_signs_but_not_its_characters() -> None:
    assert squeeze(" 王　𬭚\n（１２ｘ）") == "王𬭚(12x)"


@pytest.mark.parametrize(
    "cell",
    [
        "2023.4.5",
        "2023-4-5",
        "2023-04-05",
        "2023/4/5",
        "2023年4月5日",
        "20230405",
        "２０２３．４．５",
        " 2023. 4.5 ",
        20230405.0,
        20230405,
        45021.0,
        45021,
        45021.25,
        date(2023, 4, 5),
        datetime(2023, 4, 5, 10, 30),  # noqa: DTZ001 - cells know no zone
    ],
)
def test_every_form_of_a_date_is_read(cell: Cell) -> None:
    assert date_of(cell) == date(2023, 4, 5)


@pytest.mark.parametrize(
    "cell",
    [
        "不详",
        "2026.2.30",
        "2025.9.31",
        "2023.4-5",
        "2023年4月",
        "2023.4",
        "23.4.5",
        "45021",
        "2023年4月5",
        "9999-12-31",
        99991231.0,
        20230431.0,
        0.0,
        -3.0,
        1e30,
        float("inf"),
        float("nan"),
        True,
        time(10, 0),
        date(9999, 12, 31),
    ],
)
def test_what_is_no_date_is_none(cell: Cell) -> None:
    assert date_of(cell) is None


def test_a_month_is_its_first_day_only_where_a_month_suffices() -> None:
    assert date_of("2023年4月", month_suffices=True) == date(2023, 4, 1)
    assert date_of("2023年13月", month_suffices=True) is None


@given(DAYS)
def test_a_serial_number_and_the_written_day_agree(day: date) -> None:
    assert date_of(float((day - date(1899, 12, 30)).days)) == date_of(f"{day:%Y%m%d}") == day


@given(st.from_regex(r"\A[0-9]{6}\Z"), DAYS, st.integers(0, 999))
def test_area_digits_are_never_judged(area: str, born: date, sequence: int) -> None:
    digits = f"{area}{born:%Y%m%d}{sequence:03d}"
    number = digits + check_character(digits)
    assert identity_number_of(number) == number
    assert birth_date_in(number) == born
    assert is_mans(number) == (sequence % 2 == 1)


def test_the_librarys_own_validation_would_refuse_a_number_with_an_old_area_code() -> None:
    number = "220222198001019990"
    number = number[:17] + check_character(number[:17])
    assert not ric.is_valid(number)
    assert identity_number_of(number) == number


@given(DAYS, st.integers(0, 999), st.integers(0, 16), st.integers(1, 9))
def test_any_single_wrong_digit_is_found(born: date, sequence: int, at: int, shift: int) -> None:
    digits = f"990101{born:%Y%m%d}{sequence:03d}"
    number = digits + check_character(digits)
    wrong = number[:at] + str((int(number[at]) + shift) % 10) + number[at + 1 :]
    assert identity_number_of(wrong) is None


@pytest.mark.parametrize(
    "written",
    ["11010519491231002x", "１１０１０５１９４９１２３１００２Ｘ", " 110105 19491231 002X ", "11010519491231002X"],
)
def test_an_identity_number_is_read_however_it_is_spaced(written: str) -> None:
    assert identity_number_of(written) == "11010519491231002X"


@pytest.mark.parametrize(
    "cell", ["110105491231002", "11010519491331002X", "", "abc", 1.1e17, date(2020, 1, 1), "١١٠١٠٥١٩٤٩١٢٣١٠٠٢X"]
)
def test_what_is_no_identity_number_is_none(cell: Cell) -> None:
    assert identity_number_of(cell) is None


@pytest.mark.parametrize(("cell", "lost"), [(2.2e17, True), (5, True), ("2.20283E+17", True), ("2.2e17", True)])
def test_a_number_that_went_through_a_number_cell_is_known(cell: Cell, lost: bool) -> None:
    assert digits_are_lost(cell) is lost


@pytest.mark.parametrize("cell", ["11010519491231002X", "", True, date(2020, 1, 1)])
def test_other_cells_have_lost_nothing(cell: Cell) -> None:
    assert not digits_are_lost(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "13800001234",
        13800001234.0,
        "138-0000-1234",
        "138 0000 1234",
        "+86 13800001234",
        "１３８００００１２３４",
        "+86-138-0000-1234",
    ],
)
def test_every_form_of_a_mobile_number_is_read(cell: Cell) -> None:
    assert mobile_of(cell) == "13800001234"


@pytest.mark.parametrize(
    "cell",
    [
        "12800005214",
        "139OO008404",
        "153000088220",
        "1560000576",
        "8613800001234",
        "13800001234,13900001234",
        1380000123.5,
    ],
)
def test_what_is_no_mobile_number_is_none(cell: Cell) -> None:
    assert mobile_of(cell) is None
