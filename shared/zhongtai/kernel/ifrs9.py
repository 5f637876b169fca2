"""Amortised cost and expected credit loss, term by term in decimals: the reference of the columns in `ecl`.

Source: IFRS 9 and CAS 22 (财会〔2017〕7号): amortised cost and effective rate, appendix A and B5.4.1; expected credit
loss, 5.5.17 and B5.5.28 to B5.5.44; provision matrix, B5.5.35 and illustrative example 12; loss rates, example 9.
"""

from collections.abc import Sequence
from decimal import Decimal, localcontext

from zhongtai.kernel.roots import DIGITS, rate_of

ZERO = Decimal(0)


def effective_interest_rate(paid: Decimal, receipts: Sequence[Decimal]) -> Decimal:
    """The rate of a period at which the receipts at the ends of periods are worth what was paid.

    Raises `PaymentsMustYieldRate`.
    """

    def worth(rate: Decimal) -> Decimal:
        return sum((it / (1 + rate) ** place for place, it in enumerate(receipts, 1)), ZERO) - paid

    return rate_of(worth)


def amortised_costs(paid: Decimal, receipts: Sequence[Decimal], effective_rate: Decimal) -> tuple[Decimal, ...]:
    """The gross carrying amount at the end of each period: grown by the effective rate, less what was received.

    Source: IFRS 9, implementation guidance B.26.
    """
    costs, cost = [], paid
    for receipt in receipts:
        cost = cost * (1 + effective_rate) - receipt
        costs.append(cost)
    return tuple(costs)


def provision_matrix(amounts: Sequence[Decimal], rates: Sequence[Decimal]) -> Decimal:
    """The lifetime loss of receivables by band of days past due: amount × rate, added up (simplified approach)."""
    return sum((amount * rate for amount, rate in zip(amounts, rates, strict=True)), ZERO)


def loss_rate(lost: Decimal, borrowers: int, gross_each: Decimal) -> Decimal:
    """The present value of what was lost as a share of what a group of equal borrowers owed: example 9."""
    return lost / (borrowers * gross_each)


def marginal_probabilities(cumulative: Sequence[Decimal]) -> tuple[Decimal, ...]:
    """The probability of default within each month, from yearly cumulative ones; 0.02, 0.05 are two years.

    Within a year the hazard is even: the share that survives falls by the same factor each month. Behind the last
    year the hazard of that year goes on, which the caller asks for by repeating years.
    """
    with localcontext(DIGITS):
        survived, monthly = Decimal(1), []
        for reached in cumulative:
            left = 1 - reached
            factor = (left / survived) ** (1 / Decimal(12)) if left > 0 and survived > 0 else ZERO
            for _ in range(12):
                monthly.append(survived * (1 - factor))
                survived *= factor
        return tuple(monthly)


def expected_loss(
    marginal: Sequence[Decimal], exposures: Sequence[Decimal], loss_given_default: Decimal, monthly_rate: Decimal
) -> Decimal:
    """Σ probability of default in the month × exposure in the month × loss given default ÷ (1 + rate)^month."""
    with localcontext(DIGITS):
        growth = 1 + monthly_rate
        parts = (
            chance * exposure / growth**month
            for month, (chance, exposure) in enumerate(zip(marginal, exposures, strict=False), 1)
        )
        return loss_given_default * sum(parts, ZERO)
