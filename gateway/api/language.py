"""Which of the two languages a reader is answered in."""

from typing import Any, Literal

Language = Literal["en", "zh"]
DEFAULT: Language = "en"
SPOKEN: tuple[Language, ...] = ("en", "zh")
MOST_RANGES = 20


def negotiated(accept_language: str | None) -> Language:
    """The language that the header asks for most (RFC 9110, 12.5.4); English where it names neither."""
    best: tuple[float, Language] = (0.0, DEFAULT)
    for part in (accept_language or "").split(",")[:MOST_RANGES]:
        tag, _, parameters = part.strip().lower().partition(";")
        language = next((one for one in SPOKEN if tag.strip().split("-")[0] == one), None)
        if language and (weight := _weight(parameters)) > best[0]:
            best = (weight, language)
    return best[1]


def _weight(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    try:
        return float(value) if name.strip() == "q" and 0 <= float(value) <= 1 else 0.0
    except ValueError:
        return 0.0


def told(value: Any, language: Language) -> Any:
    """The same value with each pair `x_en`, `x_zh` told as `x` in one language."""
    if isinstance(value, list | tuple):
        return [told(item, language) for item in value]
    if not isinstance(value, dict):
        return value
    found: dict[str, Any] = {}
    for name, item in value.items():
        stem, _, suffix = name.rpartition("_")
        if stem and suffix in SPOKEN and {f"{stem}_en", f"{stem}_zh"} <= value.keys():
            found[stem] = value[f"{stem}_{language}"] or value[f"{stem}_en"]
        else:
            found[name] = told(item, language)
    return found
