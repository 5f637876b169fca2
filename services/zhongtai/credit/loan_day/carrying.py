"""The statements of a close, the same text on SQLite and PostgreSQL; whatever a rule decides is written from the rules.

`carry` is the one that counts, and `roll` beside it: they make the rows of a partition from their rows of the day
before, for every contract to which nothing happened. A subquery with a limit is worked out once for each row on both
engines; without it SQLite would repeat its expressions wherever their names stand.
"""

from dataclasses import fields
from functools import cache

from sqlalchemy import TextClause, bindparam
from sqlalchemy import text as sql

from zhongtai.credit.classification.domain import CATEGORIES, NON_PERFORMING_FROM
from zhongtai.credit.loan_day.domain import LOSS_UNIT, NEVER, LoanDay, Rules

# The columns of a row, in the order of `LoanDay`'s fields.
COLUMNS = tuple(field.name for field in fields(LoanDay))
_ALL = 1_000_000_000
_DAYS_PAST_DUE = "CASE WHEN y.oldest_due_date < :on_date THEN y.days_past_due + 1 ELSE 0 END"
# A half is set aside whole; the thousand millions are taken off first, so that no product leaves 64 bits.
_ALLOWANCE = (
    f"outstanding_minor / {LOSS_UNIT} * loss"
    f" + (2 * (outstanding_minor % {LOSS_UNIT}) * loss + {LOSS_UNIT}) / {2 * LOSS_UNIT}"
)


@cache
def carry(rules: Rules) -> TextClause:
    """The rows of places `first` to `last` on `on_date` from those of `previous`, as `domain.carried` tells them."""
    return _made(
        rules,
        """
        y.number, y.ends_on, y.accruing_minor, y.accrued_minor, y.remainder + y.accruing_minor * p.nightly AS parts,
        y.recognised_minor, 0 AS true_up
        """,
        "",
        "y.ends_on > :on_date",
    )


@cache
def roll(rules: Rules) -> TextClause:
    """The same for those whose period ended, which begin the next of their schedule, as `domain.rolled` tells them."""
    return _made(
        rules,
        f"""
        COALESCE(i.number, y.number) AS number, COALESCE(i.due_date, '{NEVER}') AS ends_on,
        COALESCE(i.balance_minor + i.principal_minor, 0) AS accruing_minor, 0 AS accrued_minor,
        COALESCE(i.balance_minor + i.principal_minor, 0) * p.nightly AS parts,
        y.recognised_minor, e.interest_minor - y.accrued_minor AS true_up
        """,
        """
        JOIN credit_loan_day_contract AS k ON k.place = y.place
        JOIN credit_loan_instalment AS e ON e.loan_id = k.loan_id AND e.number = y.number
        LEFT JOIN credit_loan_instalment AS i ON i.loan_id = k.loan_id AND i.number = y.number + 1
        """,
        "y.ends_on <= :on_date",
    )


def _made(rules: Rules, accrual: str, joined: str, condition: str) -> TextClause:
    """Rows from those of the day before: `accrual` is what their interest begins the night with."""
    return sql(
        f"""
        INSERT INTO credit_loan_day ({", ".join(COLUMNS)})
        SELECT CAST(:on_date AS TEXT), place, profile, number, ends_on, accruing_minor,
            accrued_minor + night, parts - night * unit, recognised_minor + true_up + night, true_up + night,
            outstanding_minor, oldest_due_date, days_past_due, category, stage, {_ALLOWANCE},
            {_ALLOWANCE} - allowance_minor, CASE WHEN category = was_category AND stage = was_stage THEN 0 ELSE 1 END
        FROM (
            SELECT place, profile, number, ends_on, accruing_minor, accrued_minor, parts, unit, recognised_minor,
                true_up, outstanding_minor, oldest_due_date, days_past_due, category, allowance_minor, was_category,
                was_stage,
                (2 * parts + unit) / (2 * unit)
                    - CASE WHEN (2 * parts + unit) % (2 * unit) = 0
                        AND (accrued_minor + (2 * parts + unit) / (2 * unit)) % 2 = 1 THEN 1 ELSE 0 END AS night,
                {_stage(rules)} AS stage,
                CASE {_stage(rules)} WHEN 1 THEN loss_1 WHEN 2 THEN loss_2 ELSE loss_3 END AS loss
            FROM (
                SELECT y.place, y.profile, {accrual}, p.unit, y.outstanding_minor, y.oldest_due_date,
                    {_DAYS_PAST_DUE} AS days_past_due, {_category(rules)} AS category,
                    p.loss_1, p.loss_2, p.loss_3, y.allowance_minor, y.category AS was_category, y.stage AS was_stage
                FROM credit_loan_day AS y JOIN credit_loan_day_profile AS p ON p.profile = y.profile {joined}
                WHERE y.business_date = :previous AND y.place BETWEEN :first AND :last AND {condition}
                    AND y.place NOT IN (
                        SELECT t.place FROM credit_loan_day AS t
                        WHERE t.business_date = :on_date AND t.place BETWEEN :first AND :last)
                LIMIT {_ALL}
            ) AS night WHERE place >= 0 LIMIT {_ALL}
        ) AS closed WHERE place >= 0
        """
    )


def _category(rules: Rules) -> str:
    """`Rules.category` as a CASE: from the worst down, and a non-performing category stays non-performing."""
    held = f"WHEN y.category >= {NON_PERFORMING_FROM} THEN {NON_PERFORMING_FROM}"
    whens: list[str] = []
    for step in reversed(rules.categories):
        code = CATEGORIES.index(step.category)
        if code < NON_PERFORMING_FROM and held not in whens:
            whens.append(held)
        whens.append(f"WHEN {_DAYS_PAST_DUE} > {step.more_than_days_past_due} THEN {code}")
    return f"CASE {' '.join(whens if held in whens else [*whens, held])} ELSE 0 END"


def _stage(rules: Rules) -> str:
    """`Rules.stage` as a CASE, from the worst down."""
    whens = []
    for step in reversed(rules.stages):
        by_category = f" OR category >= {CATEGORIES.index(step.from_category)}" if step.from_category else ""
        whens.append(f"WHEN days_past_due > {step.more_than_days_past_due}{by_category} THEN {step.stage}")
    return f"CASE {' '.join(whens)} ELSE 1 END"


FIGURES = sql(
    """
    SELECT COUNT(*) AS loans,
        COALESCE(SUM(outstanding_minor), 0) AS outstanding_minor,
        COALESCE(SUM(CASE WHEN accrual_minor > 0 THEN accrual_minor ELSE 0 END), 0) AS interest_accrued_minor,
        COALESCE(SUM(CASE WHEN accrual_minor < 0 THEN -accrual_minor ELSE 0 END), 0) AS interest_reversed_minor,
        COALESCE(SUM(allowance_minor), 0) AS allowance_minor,
        COALESCE(SUM(CASE WHEN allowance_change_minor > 0 THEN allowance_change_minor ELSE 0 END), 0)
            AS allowance_raised_minor,
        COALESCE(SUM(CASE WHEN allowance_change_minor < 0 THEN -allowance_change_minor ELSE 0 END), 0)
            AS allowance_released_minor,
        COALESCE(SUM(moved), 0) AS reclassified
    FROM credit_loan_day WHERE business_date = :on_date AND place BETWEEN :first AND :last
    """
)

MOVED = sql(
    """
    SELECT k.loan_id, t.days_past_due, t.category, t.stage, t.allowance_minor,
        y.category AS was_category, y.stage AS was_stage
    FROM credit_loan_day AS t
    JOIN credit_loan_day_contract AS k ON k.place = t.place
    JOIN credit_loan_day AS y ON y.business_date = :previous AND y.place = t.place
    WHERE t.business_date = :on_date AND t.place BETWEEN :first AND :last AND t.moved = 1
    ORDER BY t.place
    """
)

# The loans that changed by the day, of which the rows are made from the loans themselves.
_CHANGED = """
    SELECT c.loan_id, c.terms_changed, c.changed_on FROM credit_loan_change AS c
    WHERE c.changed_on <= :on_date AND (c.changed_on, c.loan_id) > (:changed_on, :loan_id)
    ORDER BY c.changed_on, c.loan_id LIMIT :most
"""
_BY_HAND = """
    SELECT k.loan_id, 0 AS terms_changed, '' AS changed_on FROM credit_loan_day_contract AS k
    WHERE k.by_hand = 1 AND k.loan_id > :loan_id AND k.ended_on IS NULL
    ORDER BY k.loan_id LIMIT :most
"""
# Those to which nothing happened. Where a period ended, the next is read from the schedule; a preview makes the others
# from their rows, too.
_QUIET = """
    SELECT k.loan_id, 0 AS terms_changed, '' AS changed_on FROM credit_loan_day AS d
    JOIN credit_loan_day_contract AS k ON k.place = d.place
    WHERE d.business_date = :previous AND d.place BETWEEN :first AND :last AND d.ends_on {condition} :on_date
        AND k.by_hand = 0 AND NOT EXISTS (
            SELECT 1 FROM credit_loan_change AS c WHERE c.loan_id = k.loan_id AND c.changed_on <= :on_date)
        AND NOT EXISTS (SELECT 1 FROM credit_loan_day AS t WHERE t.business_date = :on_date AND t.place = d.place)
    ORDER BY d.place
"""


def _contracts(which: str) -> TextClause:
    """Loans as they stood at the close of the day, whatever was booked since, with their rows of the day before."""
    return sql(
        f"""
        SELECT w.loan_id, w.terms_changed, w.changed_on,
            CASE WHEN b.loan_id IS NULL THEN l.status ELSE b.status END AS status,
            CASE WHEN b.loan_id IS NULL THEN l.outstanding_minor ELSE b.outstanding_minor END AS outstanding_minor,
            CASE WHEN b.loan_id IS NULL THEN l.oldest_due_date ELSE b.oldest_due_date END AS oldest_due_date,
            l.product_id, l.outstanding_currency, l.grade, l.nominal_interest_rate, l.day_count, l.amortisation,
            l.start_date, l.maturity_date, l.principal_minor, k.place, k.by_hand, t.place AS made_place,
            i.number AS next_number, i.due_date AS next_due_date, i.balance_minor + i.principal_minor AS next_balance,
            e.due_date AS ended_due_date, e.interest_minor AS ended_interest,
            {", ".join(f"y.{name} AS was_{name}" for name in COLUMNS)}
        FROM ({which}) AS w
        JOIN credit_loan AS l ON l.loan_id = w.loan_id
        LEFT JOIN credit_loan_change AS b ON b.loan_id = w.loan_id AND b.changed_on = (
            SELECT MIN(n.changed_on) FROM credit_loan_change AS n
            WHERE n.loan_id = w.loan_id AND n.changed_on > :on_date)
        LEFT JOIN credit_loan_day_contract AS k ON k.loan_id = w.loan_id
        LEFT JOIN credit_loan_day AS y
            ON y.business_date = COALESCE(k.ended_on, CAST(:previous AS TEXT)) AND y.place = k.place
        LEFT JOIN credit_loan_day AS t ON t.business_date = :on_date AND t.place = k.place
        LEFT JOIN credit_loan_instalment AS i
            ON i.loan_id = w.loan_id AND i.number = CASE WHEN y.ends_on <= :on_date THEN y.number + 1 END
        LEFT JOIN credit_loan_instalment AS e
            ON e.loan_id = w.loan_id AND e.number = CASE WHEN y.ends_on <= :on_date THEN y.number END
        """
    )


CONTRACTS = {
    "CHANGED": _contracts(_CHANGED),
    "BY_HAND": _contracts(_BY_HAND),
    "ROLLED": _contracts(_QUIET.format(condition="<=")),
}
ROWS_TO_CARRY = sql(f"""
    SELECT {", ".join(f"y.{name}" for name in COLUMNS)} FROM ({_QUIET.format(condition=">")}) AS w
    JOIN credit_loan_day_contract AS k ON k.loan_id = w.loan_id
    JOIN credit_loan_day AS y ON y.business_date = :previous AND y.place = k.place
""")

# What a schedule says by a day: what fell due, what was paid, and the period that runs.
INSTALMENTS = sql(
    """
    SELECT s.loan_id, s.due_interest, s.paid_interest, s.last_number, s.starts_on, r.number, r.due_date AS ends_on,
        r.balance_minor + r.principal_minor AS balance
    FROM (
        SELECT loan_id,
            SUM(CASE WHEN due_date <= :on_date THEN interest_minor ELSE 0 END) AS due_interest,
            SUM(interest_paid_minor) AS paid_interest,
            MAX(number) AS last_number,
            MAX(CASE WHEN due_date <= :on_date THEN due_date END) AS starts_on,
            MIN(CASE WHEN due_date > :on_date THEN number END) AS running
        FROM credit_loan_instalment WHERE loan_id IN :loan_ids GROUP BY loan_id
    ) AS s
    LEFT JOIN credit_loan_instalment AS r ON r.loan_id = s.loan_id AND r.number = s.running
    """
).bindparams(bindparam("loan_ids", expanding=True))
