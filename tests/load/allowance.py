"""Expected credit losses, stages and categories of a million loans in columns, by the models that are shipped.

Counted in milliseconds of CPU, as they only compute. The loans are of all grades, of equal instalments, equal
principal and bullets, over 1 to 60 months, and in a second figure over 1 to 360.
"""

import time
from collections.abc import Callable

import numpy as np

from tests.credit.allowance_model.model import shipped
from tests.credit.classification.rules import decree
from tests.load.figure import Figure
from zhongtai.credit.allowance import engine as allowance
from zhongtai.credit.classification import engine as classification
from zhongtai.credit.classification.domain import Criterion
from zhongtai.kernel import ecl

LOANS = 1_000_000
DAYS = np.array([0, 0, 0, 0, 0, 0, 0, 1, 31, 91, 271, 361])


def loans(months: int) -> ecl.Loans:
    """Loans of one thousand to one million yuan at 3 to 18 percent, each discounted at a rate of its own."""
    chance = np.random.default_rng(2026)
    return ecl.Loans(
        repayment=chance.integers(0, len(ecl.Repayment), LOANS).astype(np.int8),
        grade=chance.integers(0, len(shipped().grades), LOANS).astype(np.int16),
        months=chance.integers(1, months + 1, LOANS).astype(np.int16),
        contract_rate=chance.integers(300, 1800, LOANS) / 120_000,
        effective_rate=chance.integers(300, 1800, LOANS) / 110_000,
        exposure=chance.integers(100_000, 100_000_000, LOANS),
        loss_given_default=chance.integers(100, 451, LOANS) / 1000,
    )


def measured(work: Callable[[], object]) -> float:
    """The milliseconds of CPU some work takes."""
    begun = time.process_time()
    work()
    return 1000 * (time.process_time() - begun)


def run(runs: int) -> list[Figure]:
    """Measures them so many times."""
    chance = np.random.default_rng(7)
    nobody, days = np.zeros(LOANS, dtype=np.bool_), chance.choice(DAYS, LOANS)
    first_time = np.full(LOANS, allowance.FIRST_TIME, dtype=np.int8)
    grade = chance.integers(0, len(shipped().grades), LOANS).astype(np.int16)
    risks = allowance.Risks(grade, grade[::-1], days, nobody, nobody, nobody, nobody, days, first_time)
    known = {Criterion.DAYS_PAST_DUE: days, Criterion.CREDIT_IMPAIRED: days > 90}
    short, long = loans(60), loans(360)
    table = allowance.table(shipped())
    work: dict[str, tuple[Callable[[], object], str]] = {
        "lifetime and 12-month loss of 1,000,000 loans up to 60 months": (
            lambda: ecl.expected_losses(short, table),
            "≤ 200",
        ),
        "the same up to 360 months": (lambda: ecl.expected_losses(long, table), "no bound"),
        "stages of 1,000,000 loans": (lambda: allowance.stages(shipped(), risks), "no bound"),
        "categories of 1,000,000 loans": (
            lambda: classification.categories(decree(), known, first_time, nobody),
            "no bound",
        ),
    }
    return [
        Figure(name, "ms CPU", [measured(task) for _ in range(runs)], wanted) for name, (task, wanted) in work.items()
    ]


if __name__ == "__main__":
    for figure in run(3):
        print(figure)
