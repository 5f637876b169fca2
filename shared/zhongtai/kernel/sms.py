"""The parts of a short message (短信条数).

A message of UCS-2 carries 140 octets, 70 units; each part of a longer one 67, because six octets tell how the parts are
joined (3GPP TS 23.040, 9.2.3.24.1; TS 23.038, 4). Chinese operators count every message so, also one in Latin letters.
"""

UNITS, UNITS_JOINED = 70, 67


def units_of(text: str) -> int:
    """How many units of UTF-16 a text has: two for a character outside the basic plane."""
    return sum(2 if ord(character) > 0xFFFF else 1 for character in text)


def parts_of(text: str) -> int:
    """How many parts a text takes; a pair of units is never torn apart."""
    if units_of(text) <= UNITS:
        return 1
    parts, filled = 1, 0
    for units in map(units_of, text):
        if filled + units > UNITS_JOINED:
            parts, filled = parts + 1, 0
        filled += units
    return parts


def most_parts(units: int) -> int:
    """The most parts any text of so many units takes: a part that would tear a pair lacks one unit."""
    return 1 if units <= UNITS else -(-units // (UNITS_JOINED - 1))
