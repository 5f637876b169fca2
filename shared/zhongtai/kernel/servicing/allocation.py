"""How a payment is shared out over instalments by a waterfall that is data.

The waterfall names buckets: a component of an instalment that is past due, due or in advance. Horizontal: the
buckets of one dueness are worked instalment by instalment until that dueness holds nothing more. Vertical: each
bucket is worked over all instalments before the next one. In advance, the future rule says which instalments:
the next, the last, the running one and then the last, or all of them in equal parts.

Where interest follows what is really owed, a payment in advance first asks the interest model what is due on that
day, and tells it what was paid.
"""

from datetime import date
from fractions import Fraction
from itertools import groupby

from zhongtai.kernel.money import rounded
from zhongtai.kernel.servicing.entries import Entry
from zhongtai.kernel.servicing.fitting import principal_left
from zhongtai.kernel.servicing.instalments import FEE, INTEREST, PENALTY, PRINCIPAL, Instalment, first_regular_number
from zhongtai.kernel.servicing.levies import Levy, of_instalment
from zhongtai.kernel.servicing.terms import Bucket, Direction, Dueness, FutureRule, PreClosure, Rest, Waterfall
from zhongtai.kernel.servicing.workings import Workings

# More rounds than this over the instalments would mean that a round moves nothing.
_ROUNDS_PER_INSTALMENT = 100


def share_out(work: Workings, entry: Entry, amount: int, waterfall: Waterfall | None = None) -> int:
    """Shares `amount` of the entry out; the part that finds nothing to pay."""
    waterfall = waterfall or work.terms.allocation.waterfall(entry.type.name)
    if work.terms.allocation.direction is Direction.VERTICAL:
        return _vertically(work, entry, amount, waterfall)
    for _, buckets in groupby(_by_dueness(waterfall), key=lambda bucket: bucket.dueness):
        amount = _horizontally(work, entry, amount, list(buckets), waterfall.future_rule)
    return amount


def take_back(work: Workings, entry: Entry, amount: int) -> int:
    """Undoes payments by the amount: the default waterfall from its end, or the one of this type as it stands."""
    allocation = work.terms.allocation
    own = allocation.waterfalls.get(entry.type.name)
    default = allocation.waterfalls["DEFAULT"]
    waterfall = own or Waterfall(tuple(reversed(default.order)), FutureRule.LAST_INSTALLMENT)
    for _, buckets in groupby(_by_dueness(waterfall), key=lambda bucket: bucket.dueness):
        amount = _back_horizontally(work, entry, amount, list(buckets), waterfall.future_rule)
    return amount


def even_parts(amount: int, count: int) -> list[int]:
    """The amount in equal parts, each rounded half to even, the last one taking the difference."""
    part = Fraction(amount, count)
    even = rounded(part.numerator, part.denominator)
    if even * (count - 1) > amount:
        even = amount // count
    return [even] * (count - 1) + [amount - even * (count - 1)]


def _by_dueness(waterfall: Waterfall) -> list[Bucket]:
    """The buckets with those of one dueness together, in the order the duenesses are first named."""
    named = list(dict.fromkeys(bucket.dueness for bucket in waterfall.order))
    return sorted(waterfall.order, key=lambda bucket: named.index(bucket.dueness))


def _horizontally(work: Workings, entry: Entry, amount: int, buckets: list[Bucket], rule: FutureRule) -> int:
    if amount == 0:
        return 0
    work.passed_over.clear()
    dueness = buckets[0].dueness
    for _ in range(len(work.instalments) * _ROUNDS_PER_INSTALMENT):
        chosen = _chosen(work, entry.dated, dueness, rule)
        if chosen:
            for bucket in buckets:
                amount -= _round(work, entry, amount, bucket, chosen)
        if not chosen or amount <= 0 or all(each.met for each in work.instalments):
            break
    return amount


def _round(work: Workings, entry: Entry, amount: int, bucket: Bucket, chosen: list[Instalment]) -> int:
    """One bucket of the chosen instalments; what they took."""
    if len(chosen) == 1:
        return _pay(work, entry, amount, bucket, chosen[0])
    return sum(
        _pay(work, entry, part, bucket, instalment)
        for part, instalment in zip(even_parts(amount, len(chosen)), chosen, strict=True)
    )


def _chosen(work: Workings, on: date, dueness: Dueness, rule: FutureRule) -> list[Instalment]:
    """The instalments of this dueness a round works on."""
    unmet = [each for each in work.instalments if not each.met]
    if dueness is not Dueness.IN_ADVANCE:
        late = dueness is Dueness.PAST_DUE
        found = [each for each in unmet if (each.due < on if late else each.due == on)]
        return [min(found, key=lambda each: each.number)] if found else []
    ahead = [each for each in unmet if each.due > on]
    if rule is FutureRule.REAMORTIZATION:
        return ahead
    if rule is FutureRule.NEXT_INSTALLMENT:
        return [min(ahead, key=lambda each: each.number)] if ahead else []
    if rule is FutureRule.NEXT_LAST_INSTALLMENT:
        running = [each for each in ahead if each.start <= on]
        if running:
            return running
    return _last_open(work, on)


def _last_open(work: Workings, on: date) -> list[Instalment]:
    """The last instalment ahead that is not met; with the model, one nothing is due of counts until it was tried."""
    ahead = [
        each
        for each in work.instalments
        if each.due > on and (not each.met or (work.follows_model and each.total == 0 and each not in work.passed_over))
    ]
    return [max(ahead, key=lambda each: each.number)] if ahead else []


def _pay(work: Workings, entry: Entry, amount: int, bucket: Bucket, instalment: Instalment) -> int:
    """Pays one bucket of one instalment, through the interest model where it is followed."""
    if not work.follows_model:
        return _pay_component(work, entry, amount, bucket, instalment)
    if instalment.down_payment or instalment.due > work.interest_model.maturity:
        work.passed_over.append(instalment)
        return _pay_component(work, entry, amount, bucket, instalment)
    on = entry.dated
    if bucket.dueness is Dueness.IN_ADVANCE:
        on = _pay_day(work, entry, instalment)
        _ask_model(work, bucket, instalment, on)
    if bucket.component is PRINCIPAL and entry.pays:
        amount = min(amount, max(principal_left(work), 0))
    taken = _pay_component(work, entry, amount, bucket, instalment)
    if bucket.component is PRINCIPAL:
        work.interest_model.pay_principal(instalment.start, instalment.due, on, taken)
        work.follow_model(entry.dated)
    elif bucket.component is INTEREST:
        work.interest_model.pay_interest(instalment.start, instalment.due, on, taken)
        work.follow_model(entry.dated)
    return taken


def _levies(work: Workings, instalment: Instalment, bucket: Bucket) -> list[Levy]:
    """The charges of an instalment that a bucket pays."""
    found = of_instalment(work.levies, instalment, first_regular_number(work.instalments))
    return [each for each in found if each.component is bucket.component]


def _pay_component(work: Workings, entry: Entry, amount: int, bucket: Bucket, instalment: Instalment) -> int:
    taken = instalment.pay(bucket.component, entry.dated, amount)
    entry.amounts[bucket.component] += taken
    entry.share(instalment)[bucket.component] += taken
    if bucket.component in (FEE, PENALTY) and taken:
        levies = [each for each in _levies(work, instalment, bucket) if each.active]
        work.pay_charges(entry, taken, levies, instalment.number)
    instalment.check(entry.dated)
    return taken


def _pay_day(work: Workings, entry: Entry, instalment: Instalment) -> date:
    """The day a payment in advance counts for: its own, or the due date of the running instalment."""
    rules = work.terms.recalculation
    assert rules is not None, "the model is followed only where interest is recalculated"
    till_due = rules.pre_closure is PreClosure.TILL_REST_DATE and (
        rules.rest is Rest.SAME_AS_REPAYMENT or work.prepaying
    )
    if till_due and instalment.start < entry.dated <= instalment.due:
        return instalment.due
    return entry.dated


def _ask_model(work: Workings, bucket: Bucket, instalment: Instalment, on: date) -> None:
    """What can be paid of the instalment in advance is what the model says is due on that day."""
    due = work.interest_model.due_amounts(instalment.start, instalment.due, on)
    if due.interest == 0 and due.principal == 0:
        work.passed_over.append(instalment)
    if bucket.component is INTEREST:
        instalment.charged[INTEREST] = due.interest
    elif bucket.component is PRINCIPAL:
        instalment.charged[PRINCIPAL] = due.principal


def _vertically(work: Workings, entry: Entry, amount: int, waterfall: Waterfall) -> int:
    for bucket in waterfall.order:
        work.passed_over.clear()
        for _ in range(len(work.instalments) * _ROUNDS_PER_INSTALMENT):
            chosen = _chosen_of(work, entry.dated, bucket, waterfall.future_rule)
            before = amount
            shares = even_parts(amount, len(chosen)) if chosen else []
            for part, instalment in zip(shares, chosen, strict=True):
                offered = amount if work.follows_model and bucket.dueness is Dueness.IN_ADVANCE else part
                amount -= _pay(work, entry, offered, bucket, instalment)
            if not chosen or amount <= 0 or amount == before:
                break
    return amount


def _chosen_of(work: Workings, on: date, bucket: Bucket, rule: FutureRule) -> list[Instalment]:
    """The instalments that owe something of this bucket, by the future rule where in advance."""
    owing = [each for each in work.instalments if each.owed(bucket.component) > 0]
    if bucket.dueness is not Dueness.IN_ADVANCE:
        late = bucket.dueness is Dueness.PAST_DUE
        found = [each for each in owing if (each.due < on if late else each.due == on)]
        return [min(found, key=lambda each: each.number)] if found else []
    ahead = [each for each in owing if each.due > on and each not in work.passed_over]
    if not ahead or rule is FutureRule.REAMORTIZATION:
        return ahead
    if rule is FutureRule.NEXT_INSTALLMENT:
        return [min(ahead, key=lambda each: each.number)]
    running = [each for each in ahead if each.start <= on]
    if rule is FutureRule.NEXT_LAST_INSTALLMENT and running:
        return running
    return [max(ahead, key=lambda each: each.number)]


def _back_horizontally(work: Workings, entry: Entry, amount: int, buckets: list[Bucket], rule: FutureRule) -> int:
    for _ in range(len(work.instalments) * _ROUNDS_PER_INSTALMENT):
        chosen = _paid(work, entry.dated, buckets[0].dueness, rule)
        if not chosen or amount <= 0:
            break
        for bucket in buckets:
            for part, instalment in zip(even_parts(amount, len(chosen)), chosen, strict=True):
                given = instalment.unpay(bucket.component, entry.dated, part)
                _unpay_model(work, entry.dated, bucket, instalment, given)
                entry.amounts[bucket.component] += given
                entry.share(instalment)[bucket.component] += given
                if bucket.component in (FEE, PENALTY) and given:
                    work.unpay_charges(entry, given, _levies(work, instalment, bucket), instalment.number)
                amount -= given
    return amount


def _unpay_model(work: Workings, on: date, bucket: Bucket, instalment: Instalment, given: int) -> None:
    """Tells the interest model what was given back: principal bears interest again from the day."""
    if not given or not work.follows_model or bucket.component not in (PRINCIPAL, INTEREST):
        return
    if instalment.down_payment or instalment.due > work.interest_model.maturity:
        return
    principal, interest = (given, 0) if bucket.component is PRINCIPAL else (0, given)
    work.interest_model.unpay(instalment.start, instalment.due, on, principal=principal, interest=interest)
    work.follow_model(on)


def _paid(work: Workings, on: date, dueness: Dueness, rule: FutureRule) -> list[Instalment]:
    """The instalments of this dueness something was paid of, the latest first in line."""
    paid = [each for each in work.instalments if each.total_paid > 0]
    if dueness is not Dueness.IN_ADVANCE:
        late = dueness is Dueness.PAST_DUE
        found = [each for each in paid if (each.due < on if late else each.due == on)]
        return [max(found, key=lambda each: each.number)] if found else []
    ahead = [each for each in paid if each.due > on]
    if not ahead or rule is FutureRule.REAMORTIZATION:
        return ahead
    if rule is FutureRule.NEXT_INSTALLMENT:
        return [min(ahead, key=lambda each: each.number)]
    running = [each for each in ahead if each.start <= on]
    if rule is FutureRule.NEXT_LAST_INSTALLMENT and running:
        return running
    return [max(ahead, key=lambda each: each.number)]
