"""Shows enough of a person to tell members of one house apart, and no more. Pure."""


def masked_name(name: str) -> str:
    """李**: the first character, and never how long the name is."""
    return f"{name[:1]}**"


def masked_number(id_number: str) -> str:
    """The first three and the last two characters; birth date and sequence stay hidden."""
    if len(id_number) < 18:
        return ""
    return f"{id_number[:3]}{'*' * 13}{id_number[-2:]}"
