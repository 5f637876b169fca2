"""How a posting rule is written (记账规则写法): JSON that is read into the words of `posting_term`.

flow         {"let": {name: value, …}, "steps": [step, …]}
step         {"send": value, "from": source, "to": destination}
             {"send_all": currency, "from": source, "to": destination}
             {"set_aside": value, "of": account}   {"set_aside_all": currency, "of": account}
             {"note": key, "value": value}         {"note": key, "value": value, "of": account}
source       account, to which may be added "overdraft": "UNBOUNDED" or a value, "colour": value,
             "scaling_through": account
             {"up_to": value, "from": source}
             {"in_order": [source, …]}   {"one_of": [source, …]}
             {"shares": [{"share": share, "from": source}, …]}
destination  account   "KEPT"
             {"in_order": [{"up_to": value, "to": destination}, …], "rest": destination}
             {"one_of": [{"up_to": value, "to": destination}, …], "rest": destination}
             {"shares": [{"share": share, "to": destination}, …]}
account      {"account_code": "a text; {name} in it is replaced"}   {"account": value}
currency     "CNY", or a value
share        "12.5%", "1/3", "REMAINING" (once), or a value
key          a text; or a value that is not a bare name
value        a name, such as "amount" or "loan.amount"; a number; an account
             {"field": name}   {"text": text}   {"share": "12.5%"}
             {"currency": currency, "minor_units": value}
             {"plus": [value, value]}   {"minus": …}   {"ratio": …}   {"negative": value}
             {"balance_of": account, "currency": currency}   {"overdraft_of": …}
             {"metadata_of": account, "key": key, "kind": "TEXT" | "NUMBER" | "SHARE" | "AMOUNT"}
             {"currency_of": value}   {"units_of": value}
"""

import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any, TypeVar

from zhongtai.kernel.refusals import Invalid
from zhongtai.operations.posting_term.domain import (
    DIGITS_MAX,
    UNITS_MAX,
    Amount,
    Applied,
    Destination,
    Flow,
    FromAccount,
    FromCapped,
    FromInOrder,
    FromOneOf,
    FromShares,
    Given,
    Kept,
    Kind,
    Note,
    Read,
    Send,
    SendAll,
    SetAside,
    Source,
    Step,
    ToAccount,
    ToInOrder,
    ToOneOf,
    ToShares,
    Value,
    Verb,
)

STEPS_MAX = 64
PARTS_MAX = 64
DEPTH_MAX = 16
TEXT_MAX = 200

_CURRENCY = re.compile(r"[A-Z][A-Z0-9_]*(?:/[0-9]{1,3})?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*")
_PERCENTAGE = re.compile(r"([0-9]{1,18})(?:\.([0-9]{1,18}))?%")
_RATIO = re.compile(r"([0-9]{1,18})\s?/\s?([0-9]{1,18})")
_PLACE_IN_TEXT = re.compile(r"\{([^{}]*)\}")
_REMAINING = "REMAINING"
Part = TypeVar("Part")


class RuleMustBeWellFormed(Invalid):
    """At {place} the rule should have {expected}: mend it there.

    记账规则在{place}处应为{expected}：请修改该处。
    """

    place: str
    expected: str


class RemainderMustBeOne(Invalid):
    """At {place} more than one share takes the remainder: leave it to one.

    记账规则在{place}处有多个份额取剩余部分：请只保留一个。
    """

    place: str


class SharesMustBeOne(Invalid):
    """The shares come to {total}: let them come to one, or leave the remainder to one of them.

    各份额合计为{total}：请使其合计为一，或由其中一个取剩余部分。
    """

    total: Fraction


def flow(plain: Mapping[str, Any]) -> Flow:
    """The flow that JSON says; refuses what is not well formed, and more than the limits above allow."""
    named = plain.get("let", {})
    steps = plain.get("steps", [])
    if not isinstance(named, Mapping) or len(named) > PARTS_MAX or not all(map(_NAME.fullmatch, named)):
        raise RuleMustBeWellFormed(place="let", expected=f"at most {PARTS_MAX} names with a value each")
    read = tuple((name, value(term, f"let.{name}", 1)) for name, term in named.items())
    return Flow(read, _each(_step, steps, "steps", 1, STEPS_MAX))


def share(text: str) -> Fraction | None:
    """The share that a text such as 12.5% or 1/3 says; None where it says none."""
    if percentage := _PERCENTAGE.fullmatch(text):
        whole, decimals = percentage.groups(default="")
        return Fraction(int(whole + decimals), 100 * 10 ** len(decimals))
    ratio = _RATIO.fullmatch(text)
    return Fraction(int(ratio[1]), int(ratio[2])) if ratio and int(ratio[2]) else None


def amount(text: str) -> Amount | None:
    """The amount that a text such as "CNY 100" says in minor units; None where it says none."""
    currency, _, units = text.partition(" ")
    digits = units.removeprefix("-")
    if not _CURRENCY.fullmatch(currency) or not (digits.isascii() and digits.isdecimal()) or len(digits) > DIGITS_MAX:
        return None
    return Amount(currency, int(units))


def value(plain: Any, place: str, depth: int) -> Value:
    """A value."""
    depth = _deeper(depth, place)
    match plain:
        case bool():
            raise RuleMustBeWellFormed(place=place, expected="a value")
        case int() if abs(plain) < UNITS_MAX:
            return Given(plain)
        case str() if _NAME.fullmatch(plain) and len(plain) <= TEXT_MAX:
            return Read(plain)
        case {"field": str(name), **rest} if not rest:
            return value(name, place, depth)
        case {"text": str(text), **rest} if not rest and len(text) <= TEXT_MAX:
            return Given(text)
        case {"share": str(text), **rest} if not rest and (known := share(text)) is not None:
            return Given(known)
        case {"account": account, **rest} if not rest:
            return value(account, f"{place}.account", depth)
        case {"account_code": str(text), **rest} if not rest and 0 < len(text) <= TEXT_MAX:
            return _text_with_places(text, f"{place}.account_code")
        case {"currency": currency, "minor_units": units, **rest} if not rest:
            return Applied(
                Verb.AMOUNT, (_currency(currency, place, depth), value(units, f"{place}.minor_units", depth))
            )
        case Mapping():
            return _applied(plain, place, depth)
    raise RuleMustBeWellFormed(place=place, expected="a value")


def _applied(plain: Mapping[str, Any], place: str, depth: int) -> Value:
    """A verb and what it is applied to."""

    def inner(part: Any) -> Value:
        return value(part, place, depth)

    match plain:
        case {"plus": [left, right], **rest} if not rest:
            return Applied(Verb.PLUS, (inner(left), inner(right)))
        case {"minus": [left, right], **rest} if not rest:
            return Applied(Verb.MINUS, (inner(left), inner(right)))
        case {"ratio": [left, right], **rest} if not rest:
            return Applied(Verb.RATIO, (inner(left), inner(right)))
        case {"negative": part, **rest} if not rest:
            return Applied(Verb.NEGATIVE, (inner(part),))
        case {"balance_of": account, "currency": currency, **rest} if not rest:
            return Applied(Verb.BALANCE_OF, (inner(account), _currency(currency, place, depth)))
        case {"overdraft_of": account, "currency": currency, **rest} if not rest:
            return Applied(Verb.OVERDRAFT_OF, (inner(account), _currency(currency, place, depth)))
        case {"metadata_of": account, "key": key, **rest} if not rest.keys() - {"kind"}:
            kind = rest.get("kind", "TEXT")
            if kind not in Kind.__members__:
                raise RuleMustBeWellFormed(place=f"{place}.kind", expected=", ".join(Kind))
            return Applied(Verb.METADATA_OF, (inner(account), _key(key, place, depth), Given(str(kind))))
        case {"currency_of": part, **rest} if not rest:
            return Applied(Verb.CURRENCY_OF, (inner(part),))
        case {"units_of": part, **rest} if not rest:
            return Applied(Verb.UNITS_OF, (inner(part),))
    raise RuleMustBeWellFormed(place=place, expected="a value")


def _step(plain: Any, place: str, depth: int) -> Step:
    match plain:
        case {"send": sent, "from": source, "to": destination, **rest} if not rest:
            return Send(
                value(sent, f"{place}.send", depth),
                _source(source, f"{place}.from", depth),
                _destination(destination, f"{place}.to", depth),
            )
        case {"send_all": currency, "from": source, "to": destination, **rest} if not rest:
            return SendAll(
                _currency(currency, f"{place}.send_all", depth),
                _source(source, f"{place}.from", depth),
                _destination(destination, f"{place}.to", depth),
            )
        case {"set_aside": part, "of": account, **rest} if not rest:
            return SetAside(_account(account, f"{place}.of", depth), value(part, f"{place}.set_aside", depth), None)
        case {"set_aside_all": currency, "of": account, **rest} if not rest:
            return SetAside(
                _account(account, f"{place}.of", depth), None, _currency(currency, f"{place}.set_aside_all", depth)
            )
        case {"note": key, "value": noted, **rest} if not rest.keys() - {"of"}:
            account_of = _account(rest["of"], f"{place}.of", depth) if "of" in rest else None
            return Note(_key(key, f"{place}.note", depth), value(noted, f"{place}.value", depth), account_of)
    raise RuleMustBeWellFormed(place=place, expected="a step: send, send_all, set_aside, set_aside_all or note")


def _source(plain: Any, place: str, depth: int) -> Source:
    depth = _deeper(depth, place)
    match plain:
        case {"up_to": cap, "from": source, **rest} if not rest:
            return FromCapped(value(cap, f"{place}.up_to", depth), _source(source, f"{place}.from", depth))
        case {"in_order": sources, **rest} if not rest:
            return FromInOrder(_each(_source, sources, f"{place}.in_order", depth))
        case {"one_of": [_, *_] as sources, **rest} if not rest:
            return FromOneOf(_each(_source, sources, f"{place}.one_of", depth))
        case {"shares": [_, *_] as parts, **rest} if not rest:
            return FromShares(_shares(parts, "from", _source, f"{place}.shares", depth))
        case {"account_code": _, **more} | {"account": _, **more} if not more.keys() - _OF_SOURCE:
            named = {key: part for key, part in plain.items() if key not in _OF_SOURCE}
            overdraft, colour, through = (more.get(key) for key in ("overdraft", "colour", "scaling_through"))
            unbounded = overdraft == "UNBOUNDED"
            return FromAccount(
                _account(named, place, depth),
                None if overdraft is None or unbounded else value(overdraft, f"{place}.overdraft", depth),
                unbounded,
                None if colour is None else value(colour, f"{place}.colour", depth),
                None if through is None else _account(through, f"{place}.scaling_through", depth),
            )
    raise RuleMustBeWellFormed(place=place, expected="a source: an account, up_to, in_order, one_of or shares")


_OF_SOURCE = frozenset({"overdraft", "colour", "scaling_through"})


def _destination(plain: Any, place: str, depth: int) -> Destination:
    depth = _deeper(depth, place)
    match plain:
        case "KEPT":
            return Kept()
        case {"in_order": parts, "rest": last, **rest} if not rest:
            capped = _each(_capped, parts, f"{place}.in_order", depth)
            return ToInOrder(capped, _destination(last, f"{place}.rest", depth))
        case {"one_of": parts, "rest": last, **rest} if not rest:
            capped = _each(_capped, parts, f"{place}.one_of", depth)
            return ToOneOf(capped, _destination(last, f"{place}.rest", depth))
        case {"shares": [_, *_] as parts, **rest} if not rest:
            return ToShares(_shares(parts, "to", _destination, f"{place}.shares", depth))
        case {"account_code": _, **rest} | {"account": _, **rest} if not rest:
            return ToAccount(_account(plain, place, depth))
    raise RuleMustBeWellFormed(place=place, expected="a destination: an account, KEPT, in_order, one_of or shares")


def _capped(plain: Any, place: str, depth: int) -> tuple[Value, Destination]:
    match plain:
        case {"up_to": cap, "to": destination, **rest} if not rest:
            return value(cap, f"{place}.up_to", depth), _destination(destination, f"{place}.to", depth)
    raise RuleMustBeWellFormed(place=place, expected="a cap and a destination: up_to and to")


def _each(
    read: Callable[[Any, str, int], Part], parts: Any, place: str, depth: int, most: int = PARTS_MAX
) -> tuple[Part, ...]:
    if not isinstance(parts, list | tuple) or len(parts) > most:
        raise RuleMustBeWellFormed(place=place, expected=f"a list of at most {most}")
    return tuple(read(part, f"{place}[{position}]", depth) for position, part in enumerate(parts))


def _shares(
    parts: Any, side: str, read: Callable[[Any, str, int], Part], place: str, depth: int
) -> tuple[tuple[Value | None, Part], ...]:
    """Shares with what gives or takes each; refuses two remainders, and given shares that are not one together."""

    def part(plain: Any, at: str, deep: int) -> tuple[Value | None, Part]:
        if not isinstance(plain, Mapping) or plain.keys() != {"share", side}:
            raise RuleMustBeWellFormed(place=at, expected=f"a share: share and {side}")
        return _share(plain["share"], f"{at}.share", deep), read(plain[side], f"{at}.{side}", deep)

    found = _each(part, parts, place, depth)
    given = [known.value for known, _ in found if isinstance(known, Given) and isinstance(known.value, Fraction)]
    remainders = sum(known is None for known, _ in found)
    if remainders > 1:
        raise RemainderMustBeOne(place=place)
    if len(given) + remainders == len(found):
        shares_must_be_one(given, bool(remainders))
    return found


def shares_must_be_one(shares: list[Fraction], remainder: bool) -> None:
    """Refuses shares that come to more than one, or to less where nobody takes the remainder."""
    total = sum(shares, start=Fraction(0))
    if any(part < 0 for part in shares) or total > 1 or (total < 1 and not remainder):
        raise SharesMustBeOne(total=total)


def _share(plain: Any, place: str, depth: int) -> Value | None:
    if plain == _REMAINING:
        return None
    known = share(plain) if isinstance(plain, str) else None
    return value(plain, place, depth) if known is None else Given(known)


def _account(plain: Any, place: str, depth: int) -> Value:
    match plain:
        case {"account_code": _, **rest} | {"account": _, **rest} if not rest:
            return value(plain, place, depth)
    raise RuleMustBeWellFormed(place=place, expected="an account: account_code or account")


def _currency(plain: Any, place: str, depth: int) -> Value:
    if isinstance(plain, str) and _CURRENCY.fullmatch(plain):
        return Given(plain)
    return value(plain, f"{place}.currency", depth)


def _key(plain: Any, place: str, depth: int) -> Value:
    if isinstance(plain, str) and len(plain) <= TEXT_MAX:
        return Given(plain)
    return value(plain, f"{place}.key", depth)


def _text_with_places(text: str, place: str) -> Value:
    """A text whose {names} are replaced by what they stand for."""
    parts = _PLACE_IN_TEXT.split(text)
    if len(parts) == 1:
        return Given(text)
    return Applied(
        Verb.JOINED,
        tuple(value(part, place, 1) if position % 2 else Given(part) for position, part in enumerate(parts) if part),
    )


def _deeper(depth: int, place: str) -> int:
    if depth > DEPTH_MAX:
        raise RuleMustBeWellFormed(place=place, expected=f"no more than {DEPTH_MAX} levels")
    return depth + 1
