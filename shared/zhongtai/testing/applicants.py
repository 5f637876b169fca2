"""Loan applicants: a thousand invented ones with a hidden true default process, or the ones of a file.

The generator is seeded and uses no global state: the same seed gives the same people everywhere. Attributes hang
together (age and years in employment, income and savings, amount and term), and whether somebody will default is drawn
from a probability that no attribute tells by itself. Names and identity numbers of applicants from a file are
invented, because no such file has them.
"""

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from pathlib import Path
from random import Random

from zhongtai.kernel.identifiers import make_identity_number

SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
GIVEN = "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉兰建国文辉力峰玲红梅海燕鹏飞宇轩子涵欣怡梓豪诗琪浩然"
AREAS = ("110101", "310101", "440305", "330106", "510104", "420106", "320102", "610113", "370102", "500103")
TODAY = date(2026, 1, 5)

PURPOSES = ("home_appliance", "furniture", "education", "renovation", "medical", "travel", "phone", "business")
HISTORIES = ("clean", "paid_late_once", "paid_late_often", "none")
HOUSING = ("owned", "mortgaged", "rented", "with_family")


@dataclass(frozen=True)
class Applicant:
    """One person who asks for a loan, and what really became of them, which the bank does not see."""

    name: str
    identity_number: str
    phone: str
    attributes: dict[str, str]
    amount_yuan: int
    term_months: int
    bad: bool


@dataclass(frozen=True)
class Columns:
    """Which columns of a file tell what."""

    target: str
    bad: str
    amount: str
    term: str


GENERATED = Columns(target="outcome", bad="bad", amount="amount_yuan", term="term_months")
GERMAN = Columns(target="creditability", bad="bad", amount="credit_amount", term="duration_in_month")


def columns_of(path: Path) -> Columns:
    """The columns of a known kind of file; raises ValueError naming the ones that are looked for."""
    with path.open(encoding="utf-8", newline="") as file:
        header = set(next(csv.reader(file), []))
    for known in (GENERATED, GERMAN):
        if {known.target, known.amount, known.term} <= header:
            return known
    wanted = " or ".join(f"{known.target}, {known.amount}, {known.term}" for known in (GENERATED, GERMAN))
    raise ValueError(f"{path} is no file of applicants: it needs the columns {wanted}")


def read(path: Path, seed: int) -> tuple[Applicant, ...]:
    """The applicants of a CSV file, in its order, with invented names and identity numbers."""
    columns = columns_of(path)
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    chance = Random(f"people {seed}")
    return tuple(
        _person(
            chance,
            number,
            {key: value for key, value in row.items() if key != columns.target},
            age=int(row.get("age_in_years") or row.get("age") or 40),
            amount_yuan=int(row[columns.amount]),
            term_months=int(row[columns.term]),
            bad=row[columns.target] == columns.bad,
        )
        for number, row in enumerate(rows)
    )


def write(path: Path, seed: int, count: int = 1000) -> None:
    """Invents applicants and writes them as a CSV file."""
    chance = Random(f"applicants {seed}")
    rows = [_invented(chance) for _ in range(count)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def digest(path: Path) -> str:
    """Eight letters that stand for a file's content."""
    return sha256(path.read_bytes()).hexdigest()[:8]


def _person(
    chance: Random, number: int, attributes: dict[str, str], *, age: int, amount_yuan: int, term_months: int, bad: bool
) -> Applicant:
    born = TODAY - timedelta(days=age * 365 + age // 4 + chance.randrange(300) + 1)
    name = chance.choice(SURNAMES) + "".join(chance.sample(GIVEN, chance.choice((1, 2, 2))))
    # The sequence makes each number one of a kind: 999 people of one area and one birthday are more than there are.
    identity_number = make_identity_number(AREAS[number % len(AREAS)], born, 1 + number // len(AREAS) % 999)
    phone = f"1{chance.choice('3589')}{chance.randrange(10**9):09d}"
    return Applicant(name, identity_number, phone, attributes, amount_yuan, term_months, bad)


def _invented(chance: Random) -> dict[str, str]:
    """One applicant; the coefficients below are the hidden truth a scorecard has to find."""
    age = min(70, max(20, round(chance.gauss(38, 11))))
    employed = max(0, min(age - 20, round(chance.expovariate(1 / 6))))
    income = round(math.exp(chance.gauss(8.9 + 0.012 * employed, 0.45)) / 100) * 100
    savings = max(0, round(income * max(0.0, chance.gauss(2 + 0.05 * (age - 20), 4)) / 1000) * 1000)
    history = _weighted(chance, HISTORIES, (70 + employed, 14, 6, 10))
    housing = _weighted(chance, HOUSING, (age - 10, 25, 40 - age // 4, 20))
    term = chance.choice((6, 12, 12, 18, 24, 24, 36))
    amount = max(1000, min(150_000, round(income * term * chance.uniform(0.08, 0.45) / 100) * 100))
    burden = amount / term / income
    logit = (
        -2.1
        + 2.6 * burden
        - 0.055 * min(employed, 12)
        - 0.012 * (age - 38)
        - 0.32 * math.log1p(savings / 5000)
        + {"clean": 0.0, "paid_late_once": 0.8, "paid_late_often": 1.9, "none": 0.5}[history]
        + {"owned": -0.35, "mortgaged": 0.0, "rented": 0.35, "with_family": 0.1}[housing]
        + 0.016 * (term - 18)
        + chance.gauss(0, 0.6)
    )
    return {
        "age": str(age),
        "years_employed": str(employed),
        "monthly_income_yuan": str(income),
        "savings_yuan": str(savings),
        "credit_history": history,
        "housing": housing,
        "purpose": chance.choice(PURPOSES),
        "existing_loans": str(min(4, int(chance.expovariate(1.3)))),
        "amount_yuan": str(amount),
        "term_months": str(term),
        "outcome": "bad" if chance.random() < 1 / (1 + math.exp(-logit)) else "good",
    }


def _weighted(chance: Random, words: Sequence[str], weights: Sequence[int]) -> str:
    return chance.choices(words, weights=[max(1, weight) for weight in weights])[0]
