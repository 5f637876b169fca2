"""How the rows of the credit sets state their inputs, and which formula of the platform answers them."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from importlib.resources import files
from typing import Any

import numpy as np

from zhongtai.kernel import creditmetrics, ifrs9, spreadsheet, vasicek
from zhongtai.kernel.actual_actual import afb_fraction, icma_fraction
from zhongtai.kernel.apr import (
    Transfer,
    UnitKind,
    UnitPeriod,
    UnitTime,
    actuarial_rate,
    internal_rate,
    unit_of_single_payment,
    unit_time,
)
from zhongtai.kernel.bond import Basis, Bond
from zhongtai.kernel.irb import Risk, RiskClass, risk_weight
from zhongtai.kernel.rates import DayCount
from zhongtai.risk.training.measures import information_by_bin, weight_of_evidence

Row = Mapping[str, Any]
PERCENT = 100

UNITS = {
    "month": UnitPeriod(UnitKind.MONTH),
    "semimonth": UnitPeriod(UnitKind.SEMIMONTH),
    "quarter": UnitPeriod(UnitKind.MONTH, 3),
    "year": UnitPeriod(UnitKind.MONTH, 12),
    "week": UnitPeriod(UnitKind.WEEK),
    "day": UnitPeriod(UnitKind.DAY),
}
KINDS = {
    "corp": RiskClass.CORPORATE,
    "mort": RiskClass.MORTGAGE,
    "oret": RiskClass.OTHER_RETAIL,
    "qrre": RiskClass.QUALIFYING_REVOLVING,
}
# The bins of "mean radius" of the Wisconsin breast cancer data, non-events and events, as the README prints them.
BINS = np.array([[3, 115], [3, 76], [7, 61], [10, 39], [28, 55], [44, 10], [117, 1]], dtype=np.float64)


def apr_us(row: Row) -> Decimal:
    """Payments by unit-periods after the advance, or the level payment of a loan at a rate."""
    told = row["inputs"]
    if "principal" in told:
        monthly = number(told["rate"]) / 12
        return -spreadsheet.level_payment(monthly, number(told["n"]), number(told["principal"]))
    advances = [[told["advance"], told["amount"]]] if "amount" in told else told["advances"]
    start = advances[0][0]
    unit = unit_of(told.get("unit", "month"))
    if "first" in told and int(told.get("n", 1)) == 1 and "payments" not in told:
        unit = unit_of_single_payment(date.fromisoformat(start), date.fromisoformat(told["first"]))
    rate = actuarial_rate(
        [transfer(time, amount, start, unit) for time, amount in advances],
        list(payments_of(told, start, unit)),
        unit,
    )
    return rate * PERCENT


def payments_of(told: Mapping[str, Any], start: Any, unit: UnitPeriod) -> list[Transfer]:
    """The payments of a row: a list of them, or a first, level ones and a last, one unit-period apart."""
    if "payments" in told:
        return [transfer(time, amount, start, unit) for time, amount in told["payments"]]
    first = time_of(told["first"], start, unit) if "first" in told else UnitTime(int(told["t"]), Fraction(told["f"]))
    amounts = [number(told["payment"])] * int(told.get("n", 1))
    amounts[0] = number(told.get("first_payment", amounts[0]))
    amounts[-1] = number(told.get("last_payment", amounts[-1]))
    return [Transfer(amount, UnitTime(first.whole + place, first.part)) for place, amount in enumerate(amounts)]


def transfer(time: Any, amount: Any, start: Any, unit: UnitPeriod) -> Transfer:
    """Money at a date or at a number of unit-periods."""
    return Transfer(number(amount), time_of(time, start, unit))


def time_of(time: Any, start: Any, unit: UnitPeriod) -> UnitTime:
    """The unit-periods from the first advance to a date, or the number of them itself."""
    if isinstance(time, str):
        return unit_time(date.fromisoformat(start), date.fromisoformat(time), unit)
    whole, part = divmod(Fraction(time), 1)
    return UnitTime(int(whole), part)


def unit_of(text: str) -> UnitPeriod:
    """`month`, `4 weeks`, `2 months`."""
    count, _, name = text.rpartition(" ")
    unit = UNITS[name.removesuffix("s")]
    return UnitPeriod(unit.kind, unit.count * int(count or 1))


def apr_eu(row: Row) -> Decimal:
    """Flows by years, or dated ones by days over 365."""
    told = row["inputs"]
    if "flows" in told:
        return PERCENT * internal_rate([(Fraction(years), number(amount)) for years, amount in told["flows"]])
    start = date.fromisoformat(told["advance"][0])
    flows = [(Fraction(0), number(told["advance"][1]))]
    for day, amount in told["payments"]:
        flows.append((DayCount.ACT_365.year_fraction(start, date.fromisoformat(day)), -number(amount)))
    return PERCENT * internal_rate(flows)


def excel(row: Row) -> Decimal:
    """A function as it is typed, `PMT(8%/12,10,10000)`, or its name and rate before a list of amounts."""
    call = re.fullmatch(r"(\w+)\((.*)\)(?:\*(\d+))?", row["id"])
    if call:
        return CALLS[call[1]](*[argument(text) for text in call[2].split(",")]) * int(call[3] or 1)
    name, *arguments = row["id"].split()
    amounts = [
        (date.fromisoformat(it[0]), number(it[1])) if isinstance(it, list) else number(it) for it in row["inputs"]
    ]
    return CALLS[name](*[argument(text) for text in arguments if re.fullmatch(r"-?[\d.]+%?", text)], amounts)


def argument(text: str) -> Any:
    """A typed argument: a date, or a number that may be a percentage, a quotient or a product; none is 0."""
    if not text.strip():
        return spreadsheet.ZERO
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", text.strip()):
        return date.fromisoformat(text.strip())
    value = Decimal(1)
    for sign, part in re.findall(r"([*/]?)\s*(-?[\d.]+%?)", text):
        factor = Decimal(part.removesuffix("%")) / (PERCENT if part.endswith("%") else 1)
        value = value / factor if sign == "/" else value * factor
    return value


def bond(dates: tuple[date, date], coupon: Decimal, frequency: Decimal, basis: Decimal, redemption: Decimal) -> Bond:
    """A bond by the arguments of a spreadsheet."""
    return Bond(*dates, coupon, int(frequency), Basis(int(basis)), redemption)


FACE = Decimal(100)
CALLS: dict[str, Callable[..., Decimal]] = {
    "PMT": lambda rate, n, pv, fv=spreadsheet.ZERO, due=0: spreadsheet.level_payment(rate, n, pv, fv, due=bool(due)),
    "IPMT": lambda rate, per, n, pv, fv=spreadsheet.ZERO, due=0: spreadsheet.interest_payment(
        rate, int(per), n, pv, fv, due=bool(due)
    ),
    "PPMT": lambda rate, per, n, pv, fv=spreadsheet.ZERO, due=0: spreadsheet.principal_payment(
        rate, int(per), n, pv, fv, due=bool(due)
    ),
    "CUMIPMT": lambda rate, n, pv, first, last, due=0: spreadsheet.cumulative_interest(
        rate, n, pv, int(first), int(last), due=bool(due)
    ),
    "CUMPRINC": lambda rate, n, pv, first, last, due=0: spreadsheet.cumulative_principal(
        rate, n, pv, int(first), int(last), due=bool(due)
    ),
    "ISPMT": lambda rate, per, n, pv: spreadsheet.interest_on_straight_line(rate, int(per), n, pv),
    "RRI": spreadsheet.growth_rate,
    "PDURATION": spreadsheet.periods_of_growth,
    "FV": lambda rate, n, pmt, pv=spreadsheet.ZERO, due=0: spreadsheet.future_value(rate, n, pmt, pv, due=bool(due)),
    "PV": lambda rate, n, pmt, fv=spreadsheet.ZERO, due=0: spreadsheet.present_value(rate, n, pmt, fv, due=bool(due)),
    "NPER": lambda rate, pmt, pv, fv=spreadsheet.ZERO, due=0: spreadsheet.number_of_periods(
        rate, pmt, pv, fv, due=bool(due)
    ),
    "RATE": lambda n, pmt, pv, fv=spreadsheet.ZERO, due=0: spreadsheet.rate_per_period(n, pmt, pv, fv, due=bool(due)),
    "EFFECT": lambda rate, n: spreadsheet.effective_rate(rate, int(n)),
    "NOMINAL": lambda rate, n: spreadsheet.nominal_rate(rate, int(n)),
    "NPV": lambda rate, *amounts: spreadsheet.net_present_value(rate, flat(amounts)),
    "IRR": lambda *amounts: spreadsheet.internal_rate_of_return(flat(amounts)),
    "MIRR": lambda *told: spreadsheet.modified_internal_rate_of_return(
        *((told[2], told[0], told[1]) if isinstance(told[-1], list) else (told[:-2], *told[-2:]))
    ),
    "XNPV": spreadsheet.net_present_value_dated,
    "XIRR": spreadsheet.internal_rate_of_return_dated,
    "DURATION": lambda start, end, coupon, yearly, freq, basis=0: bond(
        (start, end), coupon, freq, basis, FACE
    ).duration(yearly),
    "MDURATION": lambda start, end, coupon, yearly, freq, basis=0: bond(
        (start, end), coupon, freq, basis, FACE
    ).modified_duration(yearly),
    "PRICE": lambda start, end, coupon, yearly, redemption, freq, basis=0: bond(
        (start, end), coupon, freq, basis, redemption
    ).price(yearly),
    "YIELD": lambda start, end, coupon, price, redemption, freq, basis=0: bond(
        (start, end), coupon, freq, basis, redemption
    ).yield_at(price),
}


def flat(amounts: Sequence[Any]) -> list[Decimal]:
    """Amounts as arguments, or as one list of them."""
    return list(amounts[0]) if len(amounts) == 1 and isinstance(amounts[0], list) else list(amounts)


def daycount(row: Row) -> Decimal:
    """A convention and two dates in the id; the reference period, where the convention has one, in the inputs."""
    read = re.fullmatch(r"(.+?)\s+(\d{4}-\d{2}-\d{2})\.\.(\d{4}-\d{2}-\d{2})(.*)", row["id"])
    if read is None:
        raise ValueError("no dates")
    start, end = date.fromisoformat(read[2]), date.fromisoformat(read[3])
    name = read[1].upper()
    if name.endswith("AFB"):
        return exact(afb_fraction(start, end))
    if name.endswith(("ISMA", "ICMA")):
        dates = re.findall(r"\d{4}-\d{2}-\d{2}", f"{read[4]} {json.dumps(row['inputs'], default=str)}")
        reference = [date.fromisoformat(text) for text in dates[:2]] or [start, end]
        return exact(icma_fraction(start, end, *reference))
    return exact(DAY_COUNTS[name].year_fraction(start, end))


DAY_COUNTS = {
    "ACT/ACT ISDA": DayCount.ACT_ACT,
    "ACT/ACT": DayCount.ACT_ACT,
    "ACT/365": DayCount.ACT_365,
    "ACT/365F": DayCount.ACT_365,
    "ACT/360": DayCount.ACT_360,
    "30E/360": DayCount.THIRTY_E_360,
}


def irb_rw(row: Row) -> Decimal:
    """A kind, `sme5_45` is a company of EUR 5 million at a loss of 45 %, and a probability of default."""
    told = row["inputs"]
    kind, loss = told["kind"].split("_")
    size = re.fullmatch(r"sme(\d+)", kind)
    risk = Risk(
        RiskClass.CORPORATE if size else KINDS[kind],
        number(told["pd"]),
        Decimal(loss) / PERCENT,
        maturity_years=number(told.get("M", Decimal("2.5"))),
        turnover=Decimal(size[1]) if size else None,
    )
    return risk_weight(risk) * PERCENT


def vasicek_row(row: Row) -> float:
    """The loss at a confidence, in standard deviations above the mean."""
    told = row["inputs"]
    return vasicek.loss_in_deviations(float(told["p"]), float(told["rho"]), float(told["alpha"]))


def ifrs9_row(row: Row) -> Decimal:
    """A band of a provision matrix, a loss rate in percent, or the amortised cost after so many years."""
    told = row["inputs"]
    if "gross" in told:
        gross, rates = (it if isinstance(it, list) else [it] for it in (told["gross"], told["rate"]))
        return ifrs9.provision_matrix([number(it) for it in gross], [number(it) for it in rates])
    if "pv_loss" in told:
        return PERCENT * ifrs9.loss_rate(number(told["pv_loss"]), int(told["clients"]), number(told["gca_each"]))
    years = int(row["id"].rpartition("y")[2])
    coupons = [number(told["coupon"])] * years
    return ifrs9.amortised_costs(number(told["fv"]), coupons, number(told["eir"]))[-1]


def cn_5tier(row: Row) -> Decimal:
    """A threshold of the rules in force, by the name the row gives it."""
    seed = files("zhongtai.credit.classification").joinpath("seed.json").read_text(encoding="utf-8")
    (rules,) = (request["request"]["ruleSet"] for request in json.loads(seed))
    thresholds = {rule["ruleId"]: Decimal(rule["threshold"]["value"]) for rule in rules["rules"]}
    thresholds["restructure_observation_years_min"] = Decimal(rules["observationMonths"]) / 12
    thresholds["restructure_observation_months_min"] = Decimal(rules["observationMonths"])
    thresholds["restructure_observation_periods_min"] = Decimal(rules["observationPayments"])
    thresholds["upgrade_months_min"] = Decimal(rules["upgradeMonths"])
    thresholds["upgrade_periods_min"] = Decimal(rules["upgradePayments"])
    for name, rule_id in RULES.items():
        thresholds[name] = thresholds[rule_id]
    for category in ("special_mention", "substandard", "doubtful", "loss"):
        # The rule says how many days are still allowed, a least number of days is the first that is too many.
        thresholds[f"{category}_dpd_gt"] = thresholds[f"overdue_{category}"]
        thresholds[f"{category}_min_dpd"] = thresholds[f"overdue_{category}"] + 1
    return thresholds[row["id"]]


RULES = {
    "doubtful_ecl_ratio_ge": "expected_loss_doubtful",
    "loss_ecl_ratio_ge": "expected_loss_loss",
    "technical_delay_days_gt": "technical_delay_too_long",
    "cross_default_overdue90_share_gt": "overdue_elsewhere_substandard",
    "own_bank_npl_share_gt": "non_performing_here_substandard",
}


def creditmetrics_row(row: Row) -> Decimal:
    """A value by its forward rates in percent, or a figure of the distribution of values."""
    told = row["inputs"]
    if "fwd_zero" in told:
        rates = [number(rate) / PERCENT for rate in told["fwd_zero"]]
        return creditmetrics.forward_value(rates, number(told["coupon"]))
    chances, values = ([number(it) for it in told[name]] for name in ("p", "v"))
    if row["id"] == "mean":
        return creditmetrics.mean_value(chances, values)
    if row["id"].startswith(("std", "standard", "dev", "sigma")):
        return creditmetrics.deviation(chances, values)
    return creditmetrics.percentile_value(chances, values, number(told["level"]))


def woe_iv(row: Row) -> float:
    """The evidence or the information of a bin, or of all."""
    goods, bads = BINS.T
    if row["id"] == "total iv":
        return float(information_by_bin(goods, bads).sum())
    place, _, measure = row["id"].removeprefix("bin").partition(".")
    return float({"woe": weight_of_evidence, "iv": information_by_bin}[measure](goods, bads)[int(place)])


def number(value: Any) -> Decimal:
    """A number as the file has it."""
    return Decimal(value)


def exact(fraction: Fraction) -> Decimal:
    """A fraction in so many digits that the tolerance does not see the rest."""
    return Decimal(fraction.numerator) / fraction.denominator


CREDIT_SETS: dict[str, Callable[[Row], Decimal | float]] = {
    "apr_us": apr_us,
    "apr_eu": apr_eu,
    "excel": excel,
    "daycount": daycount,
    "irb_rw": irb_rw,
    "vasicek": vasicek_row,
    "ifrs9": ifrs9_row,
    "cn_5tier": cn_5tier,
    "creditmetrics": creditmetrics_row,
    "woe_iv": woe_iv,
}
