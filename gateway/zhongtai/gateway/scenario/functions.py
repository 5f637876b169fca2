"""The functions of expressions: exact money, exact decimals, dates. Nothing else calculates with money.

Each is one Python function; its signature in kinds stands beside it, and a name has one entry for each
combination of kinds it takes. Values are the messages of the contracts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from google.type import date_pb2, decimal_pb2

from zhongtai.common.v1 import money_pb2
from zhongtai.gateway.scenario.kinds import BOOL, DATE, DECIMAL, INT, MONEY, STRING, Kind
from zhongtai.kernel.money import Money, Rounding


@dataclass(frozen=True, slots=True)
class Function:
    """One function: `money.add`, the kinds it takes, the kind it answers, and what it does."""

    name: str
    takes: tuple[Kind, ...]
    answers: Kind
    does: Callable[..., Any]

    @property
    def signature(self) -> str:
        """How it is written: `money.add(money, money) → money`."""
        return f"{self.name}({', '.join(map(str, self.takes))}) → {self.answers}"


def _money(message: money_pb2.Money) -> Money:
    return Money(message.currency_code, message.minor_units)


def _message(money: Money) -> money_pb2.Money:
    return money_pb2.Money(currency_code=money.currency, minor_units=money.minor_units)


def _decimal(value: decimal_pb2.Decimal | str) -> Decimal:
    number = Decimal(value if isinstance(value, str) else value.value or "0")
    if not number.is_finite():
        raise ValueError(f"{number} is not a finite number")
    return number


def _decimal_message(number: Decimal) -> decimal_pb2.Decimal:
    return decimal_pb2.Decimal(value=format(number, "f"))


def _times(amount: money_pb2.Money, factor: decimal_pb2.Decimal | str | int) -> money_pb2.Money:
    exact = Decimal(factor) if isinstance(factor, int) else _decimal(factor)
    return _message(_money(amount).times(exact, Rounding.HALF_UP))


def _sum(amounts: list[money_pb2.Money], currency: str) -> money_pb2.Money:
    return _message(sum((_money(amount) for amount in amounts), Money(currency, 0)))


def _day(message: date_pb2.Date) -> date:
    return date(message.year, message.month, message.day)


def _plus_days(message: date_pb2.Date, days: int) -> date_pb2.Date:
    day = _day(message) + timedelta(days=days)
    return date_pb2.Date(year=day.year, month=day.month, day=day.day)


def _of_money() -> list[Function]:
    two = (MONEY, MONEY)
    compare: dict[str, Callable[[Money, Money], bool]] = {
        "gt": lambda left, right: left > right,
        "gte": lambda left, right: left >= right,
        "lt": lambda left, right: left < right,
        "lte": lambda left, right: left <= right,
        # Amounts of two currencies are not unequal, they are not to be compared: the kernel refuses them.
        "eq": lambda left, right: left <= right <= left,
    }
    return [
        Function("money.of", (STRING, INT), MONEY, lambda currency, units: _message(Money(currency, units))),
        Function("money.of", (STRING,), MONEY, lambda text: _message(Money.parse(text))),
        Function("money.add", two, MONEY, lambda left, right: _message(_money(left) + _money(right))),
        Function("money.subtract", two, MONEY, lambda left, right: _message(_money(left) - _money(right))),
        Function("money.min", two, MONEY, lambda left, right: _message(min(_money(left), _money(right)))),
        Function("money.max", two, MONEY, lambda left, right: _message(max(_money(left), _money(right)))),
        Function("money.sum", (Kind("list", MONEY), STRING), MONEY, _sum),
        *(Function("money.times", (MONEY, factor), MONEY, _times) for factor in (STRING, DECIMAL, INT)),
        *(
            Function(f"money.{name}", two, BOOL, lambda left, right, test=test: test(_money(left), _money(right)))
            for name, test in compare.items()
        ),
        Function("money.is_positive", (MONEY,), BOOL, lambda amount: amount.minor_units > 0),
        Function("money.is_zero", (MONEY,), BOOL, lambda amount: amount.minor_units == 0),
        Function("money.text", (MONEY,), STRING, lambda amount: str(_money(amount))),
    ]


def _of_decimals() -> list[Function]:
    compare: dict[str, Callable[[Decimal, Decimal], bool]] = {
        "gt": lambda left, right: left > right,
        "gte": lambda left, right: left >= right,
        "lt": lambda left, right: left < right,
        "lte": lambda left, right: left <= right,
        "eq": lambda left, right: left == right,
    }
    calculate: dict[str, Callable[[Decimal, Decimal], Decimal]] = {
        "add": lambda left, right: left + right,
        "subtract": lambda left, right: left - right,
        "times": lambda left, right: left * right,
    }
    found = [
        Function("decimal.of", (STRING,), DECIMAL, lambda text: _decimal_message(_decimal(text))),
        Function("decimal.text", (DECIMAL,), STRING, lambda number: format(_decimal(number), "f")),
    ]
    for right in (STRING, DECIMAL):
        found += [
            Function(f"decimal.{name}", (DECIMAL, right), BOOL, lambda a, b, test=test: test(_decimal(a), _decimal(b)))
            for name, test in compare.items()
        ]
        found += [
            Function(
                f"decimal.{name}",
                (DECIMAL, right),
                DECIMAL,
                lambda a, b, do=do: _decimal_message(do(_decimal(a), _decimal(b))),
            )
            for name, do in calculate.items()
        ]
    return found


def _of_dates() -> list[Function]:
    return [
        Function("date.text", (DATE,), STRING, lambda message: _day(message).isoformat()),
        Function("date.plus_days", (DATE, INT), DATE, _plus_days),
        Function("date.before", (DATE, DATE), BOOL, lambda left, right: _day(left) < _day(right)),
    ]


FUNCTIONS: tuple[Function, ...] = (*_of_money(), *_of_decimals(), *_of_dates())
NAMES = tuple(dict.fromkeys(function.name for function in FUNCTIONS))
