"""Writes values into cells the way people do: in many forms, all of which a reader must accept."""

from collections import Counter
from collections.abc import Callable
from datetime import date

from kith.sample.people import People

CellValue = str | float | date
SERIAL_EPOCH = date(1899, 12, 30)
WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}

DATE_FORMS: dict[str, Callable[[date], CellValue]] = {
    "date-dotted": lambda day: f"{day.year}.{day.month}.{day.day}",
    "date-chinese": lambda day: f"{day.year}年{day.month}月{day.day}日",
    "date-compact": lambda day: f"{day:%Y%m%d}",
    "date-cell": lambda day: day,
    "date-serial": lambda day: float((day - SERIAL_EPOCH).days),
    "date-fullwidth": lambda day: f"{day.year}.{day.month}.{day.day}".translate(WIDE),
    "": lambda day: f"{day:%Y-%m-%d}",
    " ": lambda day: f"{day.year}/{day.month}/{day.day}",
}
PHONE_FORMS: dict[str, Callable[[str], CellValue]] = {
    "": str,
    "phone-dashed": lambda phone: f"{phone[:3]}-{phone[3:7]}-{phone[7:]}",
    "phone-number-cell": float,
    "phone-plus86": lambda phone: f"+86 {phone}",
    "phone-spaced": lambda phone: f"{phone[:3]} {phone[3:7]} {phone[7:]}",
    "phone-fullwidth": lambda phone: phone.translate(WIDE),
}
IDENTITY_FORMS: dict[str, Callable[[str], CellValue]] = {
    "": str,
    "id-spaced": lambda number: f"{number[:6]} {number[6:14]} {number[14:]}",
    "id-fullwidth": lambda number: number.translate(WIDE),
    "id-edge-space": lambda number: f"{number} ",
}


class Spelling:
    """Chooses a form for each value, plain ones more often, and counts the odd ones."""

    def __init__(self, people: People) -> None:
        self._random = people.random
        self.counts: Counter[str] = Counter()

    def date(self, day: date, *, month_suffices: bool = False) -> CellValue:
        """A date in one of its forms."""
        if month_suffices and self._random.random() < 0.2:
            self.counts["date-month-only"] += 1
            return f"{day.year}年{day.month}月"
        form = self._random.choice(list(DATE_FORMS))
        self._count(form)
        return DATE_FORMS[form](day)

    def phone(self, phone: str) -> CellValue:
        """A phone number in one of its forms."""
        return self._spell(phone, PHONE_FORMS)

    def identity(self, number: str) -> CellValue:
        """An identity number in one of its forms."""
        if number.endswith("X") and self._random.random() < 0.5:
            self.counts["id-lower-x"] += 1
            return number.lower()
        return self._spell(number, IDENTITY_FORMS)

    def name(self, name: str) -> CellValue:
        """A name, at times with a space in it."""
        if self._random.random() < 0.9:
            return name
        self.counts["name-spaced"] += 1
        return f"{name[0]}\u3000{name[1:]}"

    def _spell(self, text: str, forms: dict[str, Callable[[str], CellValue]]) -> CellValue:
        form = self._random.choice(list(forms)) if self._random.random() < 0.5 else ""
        self._count(form)
        return forms[form](text)

    def _count(self, form: str) -> None:
        if form.strip():
            self.counts[form] += 1
