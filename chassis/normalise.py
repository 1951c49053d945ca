"""What people write in cells, brought to one form: text, dates, identity numbers, mobile phones.

Pure. A function that reads one kind of value returns None for what is not of that kind; whether a cell is empty
is asked first, with `text_of`.
"""

import re
from datetime import date, datetime, time, timedelta

from stdnum.cn import ric

Cell = str | int | float | bool | date | datetime | time | timedelta

FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: " "}
INVISIBLE = dict.fromkeys((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF))
UNFOLDED = re.compile(r"[\s\u200b-\u200d\u2060\ufeff\uff01-\uff5e]")
NOTHING, STROKES = "无", "-—–/"

DATE_FORMS = tuple(
    re.compile(form)
    for form in (
        r"([0-9]{4})\.([0-9]{1,2})\.([0-9]{1,2})",
        r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})",
        r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})",
        r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日",
        r"([0-9]{4})([0-9]{2})([0-9]{2})",
    )
)
MONTH_FORM = re.compile(r"([0-9]{4})年([0-9]{1,2})月")
SERIAL_EPOCH = date(1899, 12, 30)
FIRST_SERIAL, LAST_SERIAL = 61, 73_050  # 1 March 1900 (earlier serials count a day that never was) to 2099
FIRST_COMPACT = 10_000_000
YEARS = range(1900, 2101)  # beyond them a date is a slip or a placeholder such as 9999-12-31

IDENTITY_NUMBER = re.compile(r"[0-9]{17}[0-9X]")
LOST_DIGITS = re.compile(r"[0-9](\.[0-9]+)?[Ee]\+?[0-9]+")
PHONE_PUNCTUATION = re.compile(r"[-—–]")
MOBILE = re.compile(r"1[3-9][0-9]{9}")


def squeeze(text: str) -> str:
    """The text with full-width letters, digits and signs made narrow, and without any space or line break."""
    if not UNFOLDED.search(text):
        return text
    return "".join(text.translate(FULL_WIDTH).translate(INVISIBLE).split())


def text_of(cell: Cell) -> str:
    """A cell as text without spaces; '' if it is empty or says so (无, -, —, /)."""
    if isinstance(cell, str):
        text = squeeze(cell)
        return "" if text == NOTHING or not text.strip(STROKES) else text
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def date_of(cell: Cell, *, month_suffices: bool = False) -> date | None:
    """The day that a filled cell names, or None.

    Knows 2023.4.5, 2023-4-5, 2023/4/5, 2023年4月5日, 20230405 (text or number), date cells, bare serial numbers
    of the 1900 date system, and with `month_suffices` 2023年4月 (its first day).
    """
    if isinstance(cell, date):
        return _day(cell.year, cell.month, cell.day)
    if isinstance(cell, str):
        return _written_date(squeeze(cell), month_suffices)
    if isinstance(cell, bool) or not isinstance(cell, int | float):
        return None
    return _numeric_date(cell)


def _written_date(text: str, month_suffices: bool) -> date | None:
    for form in DATE_FORMS:
        if found := form.fullmatch(text):
            return _day(*map(int, found.groups()))
    if month_suffices and (found := MONTH_FORM.fullmatch(text)):
        year, month = map(int, found.groups())
        return _day(year, month, 1)
    return None


def _numeric_date(number: float) -> date | None:
    if number >= FIRST_COMPACT:
        return _written_date(text_of(number), month_suffices=False)
    if not FIRST_SERIAL <= number < LAST_SERIAL + 1:
        return None
    return SERIAL_EPOCH + timedelta(days=int(number))


def _day(year: int, month: int, day: int) -> date | None:
    if year not in YEARS:
        return None
    try:
        return date(year, month, day)
    except ValueError:
        return None


def digits_are_lost(cell: Cell) -> bool:
    """Whether an identity number went through a number cell (also as text `2.20283E+17`): never guess the rest."""
    if isinstance(cell, str):
        return LOST_DIGITS.fullmatch(squeeze(cell)) is not None
    return isinstance(cell, int | float) and not isinstance(cell, bool)


def identity_number_of(cell: Cell) -> str | None:
    """The GB 11643 number in a filled cell: 17 digits and a check digit, with a real date; else None.

    The area digits are not judged: a number keeps the code of where and when it was issued.
    """
    number = squeeze(cell).upper() if isinstance(cell, str) else ""
    if not IDENTITY_NUMBER.fullmatch(number) or ric.calc_check_digit(number) != number[-1]:
        return None
    return number if _day(int(number[6:10]), int(number[10:12]), int(number[12:14])) else None


def birth_date_in(identity_number: str) -> date:
    """The birth date in a valid identity number."""
    return date(int(identity_number[6:10]), int(identity_number[10:12]), int(identity_number[12:14]))


def is_mans(identity_number: str) -> bool:
    """Whether a valid identity number was issued to a man (odd sequence number)."""
    return int(identity_number[16]) % 2 == 1


def mobile_of(cell: Cell) -> str | None:
    """The 11 digits of the mobile number in a filled cell (text or number, spaces, dashes, +86), or None."""
    number = PHONE_PUNCTUATION.sub("", text_of(cell)).removeprefix("+86")
    return number if MOBILE.fullmatch(number) else None
