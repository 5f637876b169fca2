"""The terms of a contract, typed, and how they are read from the names of the ACTUS dictionary."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache, partial
from types import NoneType, UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from zhongtai.kernel.actus.codes import (
    BusinessDayConvention,
    Calendar,
    Code,
    ContractPerformance,
    ContractRole,
    ContractType,
    CyclePoint,
    DayCountConvention,
    DeliverySettlement,
    EndOfMonthConvention,
    FeeBasis,
    FixedVariable,
    GuaranteedExposure,
    IncreaseDecrease,
    InterestCalculationBase,
    OptionExerciseType,
    OptionType,
    PenaltyType,
    PrepaymentEffect,
    ReferenceRole,
    ReferenceType,
    ScalingEffect,
)
from zhongtai.kernel.actus.schedules import NO_PERIOD, Cycle, Period
from zhongtai.kernel.refusals import Invalid

T = TypeVar("T")


class TermUnknown(Invalid):
    """{name} is no term of the ACTUS dictionary: mend its name.

    {name}不是ACTUS词典中的条款：请更正名称。
    """

    name: str


class TermNotUnderstood(Invalid):
    """The term {name} cannot be {value}: it is a {form}.

    条款{name}不能为{value}：其类型为{form}。
    """

    name: str
    value: str
    form: str


class TermMissing(Invalid):
    """A contract {contract} of type {contract_type} needs the term {name}.

    {contract_type}类型的合约{contract}缺少条款{name}。
    """

    contract: str
    contract_type: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Reference:
    """A part of a contract structure: a contract by its terms, or the code of something observed or named."""

    role: ReferenceRole
    type: ReferenceType
    contract: "Terms | None" = None
    code: str = ""

    @property
    def contract_id(self) -> str:
        """CID of the contract it is or names."""
        return self.code if self.contract is None else self.contract.contract_id

    @property
    def market_object_code(self) -> str:
        """MOC: the market object it is, or the one that values the contract; `TermMissing` if that names none."""
        if self.contract is None:
            return self.code
        return self.contract.need(self.contract.market_object_code, "marketObjectCode")


@dataclass(frozen=True, kw_only=True)
class Terms:
    """The terms of one contract by the names of the dictionary (v1.4), in our spelling; its short names behind them.

    Amounts are in units of the currency, rates per year in decimals (0.05 = 5 %). None is "not defined"; where the
    dictionary names a default, the default stands here.
    """

    contract_id: str  # CID
    contract_type: ContractType  # CT
    currency: str  # CUR
    status_date: datetime  # SD
    accrued_interest: Decimal | None = None  # IPAC
    amortization_date: datetime | None = None  # AMD
    array_cycle_anchor_date_of_interest_payment: tuple[datetime, ...] = ()  # ARIPANX
    array_cycle_anchor_date_of_principal_redemption: tuple[datetime, ...] = ()  # ARPRANX
    array_cycle_anchor_date_of_rate_reset: tuple[datetime, ...] = ()  # ARRRANX
    array_cycle_of_interest_payment: tuple[Cycle, ...] = ()  # ARIPCL
    array_cycle_of_principal_redemption: tuple[Cycle, ...] = ()  # ARPRCL
    array_cycle_of_rate_reset: tuple[Cycle, ...] = ()  # ARRRCL
    array_fixed_variable: tuple[FixedVariable, ...] = ()  # ARFIXVAR
    array_increase_decrease: tuple[IncreaseDecrease, ...] = ()  # ARINCDEC
    array_next_principal_redemption_payment: tuple[Decimal, ...] = ()  # ARPRNXT
    array_rate: tuple[Decimal, ...] = ()  # ARRATE
    business_day_convention: BusinessDayConvention = BusinessDayConvention.NOS  # BDC
    calendar: Calendar = Calendar.NC  # CLDR
    capitalization_end_date: datetime | None = None  # IPCED
    clearing_house: str | None = None  # MRCLH
    contract_deal_date: datetime | None = None  # CDD
    contract_performance: ContractPerformance = ContractPerformance.PF  # PRF
    contract_role: ContractRole = ContractRole.RPA  # CNTRL
    contract_structure: tuple[Reference, ...] = ()  # CTST
    counterparty_id: str | None = None  # CPID
    coverage_of_credit_enhancement: Decimal = Decimal(1)  # CECV
    creator_id: str | None = None  # CRID
    credit_event_type_covered: tuple[ContractPerformance, ...] = (ContractPerformance.DF,)  # CETC
    credit_line_amount: Decimal | None = None  # CLA
    currency2: str | None = None  # CUR2
    cycle_anchor_date_of_dividend: datetime | None = None  # DVANX
    cycle_anchor_date_of_fee: datetime | None = None  # FEANX
    cycle_anchor_date_of_interest_calculation_base: datetime | None = None  # IPCBANX
    cycle_anchor_date_of_interest_payment: datetime | None = None  # IPANX
    cycle_anchor_date_of_margining: datetime | None = None  # MRANX
    cycle_anchor_date_of_optionality: datetime | None = None  # OPANX
    cycle_anchor_date_of_principal_redemption: datetime | None = None  # PRANX
    cycle_anchor_date_of_rate_reset: datetime | None = None  # RRANX
    cycle_anchor_date_of_scaling_index: datetime | None = None  # SCANX
    cycle_of_dividend: Cycle | None = None  # DVCL
    cycle_of_fee: Cycle | None = None  # FECL
    cycle_of_interest_calculation_base: Cycle | None = None  # IPCBCL
    cycle_of_interest_payment: Cycle | None = None  # IPCL
    cycle_of_margining: Cycle | None = None  # MRCL
    cycle_of_optionality: Cycle | None = None  # OPCL
    cycle_of_principal_redemption: Cycle | None = None  # PRCL
    cycle_of_rate_reset: Cycle | None = None  # RRCL
    cycle_of_scaling_index: Cycle | None = None  # SCCL
    cycle_point_of_interest_payment: CyclePoint = CyclePoint.E  # IPPNT
    cycle_point_of_rate_reset: CyclePoint = CyclePoint.B  # RRPNT
    day_count_convention: DayCountConvention | None = None  # IPDC
    delinquency_period: Period | None = None  # DQP
    delinquency_rate: Decimal | None = None  # DQR
    delivery_settlement: DeliverySettlement = DeliverySettlement.D  # DS
    end_of_month_convention: EndOfMonthConvention = EndOfMonthConvention.SD  # EOMC
    ex_dividend_date: datetime | None = None  # DVEX
    exercise_amount: Decimal | None = None  # XA
    exercise_date: datetime | None = None  # XD
    fee_accrued: Decimal | None = None  # FEAC
    fee_basis: FeeBasis | None = None  # FEB
    fee_rate: Decimal | None = None  # FER
    fixing_period: Period = NO_PERIOD  # RRFIX
    futures_price: Decimal | None = None  # PFUT
    grace_period: Period | None = None  # GRP
    guaranteed_exposure: GuaranteedExposure | None = None  # CEGE
    initial_exchange_date: datetime | None = None  # IED
    initial_margin: Decimal | None = None  # MRIM
    interest_calculation_base: InterestCalculationBase = InterestCalculationBase.NT  # IPCB
    interest_calculation_base_amount: Decimal | None = None  # IPCBA
    interest_scaling_multiplier: Decimal = Decimal(1)  # SCIP
    life_cap: Decimal | None = None  # RRLC
    life_floor: Decimal | None = None  # RRLF
    maintenance_margin_lower_bound: Decimal | None = None  # MRMML
    maintenance_margin_upper_bound: Decimal | None = None  # MRMMU
    market_object_code: str | None = None  # MOC
    market_object_code_of_dividends: str | None = None  # of the published vectors; the text observes CID-DV
    market_object_code_of_rate_reset: str | None = None  # RRMO
    market_object_code_of_scaling_index: str | None = None  # SCMO
    market_value_observed: Decimal | None = None  # MVO
    maturity_date: datetime | None = None  # MD
    maximum_penalty_free_disbursement: Decimal | None = None  # MPFD
    next_dividend_payment_amount: Decimal | None = None  # DVNP
    next_principal_redemption_payment: Decimal | None = None  # PRNXT
    next_reset_rate: Decimal | None = None  # RRNXT
    nominal_interest_rate: Decimal | None = None  # IPNR
    nominal_interest_rate2: Decimal | None = None  # IPNR2
    non_performing_date: datetime | None = None  # NPD
    notional_principal: Decimal | None = None  # NT
    notional_principal2: Decimal | None = None  # NT2
    notional_scaling_multiplier: Decimal = Decimal(1)  # SCNT
    option_exercise_end_date: datetime | None = None  # OPXED
    option_exercise_type: OptionExerciseType | None = None  # OPXT
    option_strike1: Decimal | None = None  # OPS1
    option_strike2: Decimal | None = None  # OPS2
    option_type: OptionType | None = None  # OPTP
    penalty_rate: Decimal = Decimal(0)  # PYRT
    penalty_type: PenaltyType = PenaltyType.N  # PYTP
    period_cap: Decimal | None = None  # RRPC
    period_floor: Decimal | None = None  # RRPF
    premium_discount_at_ied: Decimal = Decimal(0)  # PDIED
    prepayment_effect: PrepaymentEffect = PrepaymentEffect.N  # PPEF
    prepayment_period: Period | None = None  # PPP
    price_at_purchase_date: Decimal | None = None  # PPRD
    price_at_termination_date: Decimal | None = None  # PTD
    purchase_date: datetime | None = None  # PRD
    quantity: Decimal = Decimal(1)  # QT
    rate_multiplier: Decimal = Decimal(1)  # RRMLT
    rate_spread: Decimal = Decimal(0)  # RRSP
    scaling_effect: ScalingEffect = ScalingEffect.NONE  # SCEF
    scaling_index_at_contract_deal_date: Decimal | None = None  # SCCDD
    seniority: str | None = None  # SEN
    settlement_currency: str | None = None  # CURS
    settlement_period: Period = NO_PERIOD  # STP
    termination_date: datetime | None = None  # TD
    unit: str | None = None  # UT
    variation_margin: Decimal | None = None  # MRVM
    x_day_notice: Period | None = None  # XDN

    def need(self, value: T | None, name: str) -> T:
        """The value of a term the type cannot do without; `TermMissing` if it is undefined."""
        if value is None:
            raise TermMissing(contract=self.contract_id, contract_type=self.contract_type, name=name)
        return value

    def parts(self, role: ReferenceRole) -> tuple[Reference, ...]:
        """The parts of the contract structure in that role, CTST of section 4; `TermMissing` if there is none."""
        found = tuple(part for part in self.contract_structure if part.role is role)
        if not found:
            raise TermMissing(contract=self.contract_id, contract_type=self.contract_type, name="contractStructure")
        return found


def terms_of(mapping: Mapping[str, Any]) -> Terms:
    """Reads terms as the dictionary names them, from texts, numbers and lists.

    Numbers may carry blanks, times may lack seconds, `T24:00` is the next midnight, an array may be a single value or
    a text with commas; names of earlier dictionaries are known. Raises `TermUnknown`, `TermNotUnderstood`,
    `TermMissing`.
    """
    values: dict[str, Any] = {}
    for name, value in mapping.items():
        read = _readers().get(_OLD_NAMES.get(name, name))
        if read is None:
            raise TermUnknown(name=name[:60])
        if value is not None and str(value).strip():
            values[_field_of(_OLD_NAMES.get(name, name))] = read(name, value)
    for name in ("contractType", "contractID", "statusDate", "currency"):
        if _field_of(name) not in values:
            contract, kind = str(mapping.get("contractID", "")), str(mapping.get("contractType", ""))
            raise TermMissing(contract=contract[:60], contract_type=kind[:20], name=name)
    return Terms(**values)


def mapping_of(terms: Terms) -> dict[str, str]:
    """The terms as the dictionary names them, in exact texts that `terms_of` reads back to the same terms.

    What is not defined is left out, and what is as the dictionary has it where nothing is said; the role is always
    told. An array is written `[first, second]`. A contract structure has no such text and is refused:
    `TermNotUnderstood`.
    """
    if terms.contract_structure:
        raise TermNotUnderstood(name="contractStructure", value=terms.contract_id[:60], form="text")
    told: dict[str, str] = {}
    for field in fields(Terms):
        value = getattr(terms, field.name)
        if value != field.default or field.name == "contract_role":
            is_array = isinstance(value, tuple)
            told[name_of(field.name)] = f"[{', '.join(map(_text, value))}]" if is_array else _text(value)
    return told


def time_of(text: str) -> datetime:
    """Reads `2013-01-31T00:00[:00]`; `T24:00` is the next midnight, 23:59:59 stays. Or `ValueError`."""
    text = text.strip()
    if "T24:00" in text:
        return datetime.fromisoformat(text[:10]) + timedelta(days=1)
    time = datetime.fromisoformat(text)
    if time.tzinfo is not None:
        raise ValueError("ACTUS knows no time zones")
    return time


def number_of(value: object) -> Decimal:
    """Reads a number or the text of one, blanks around it; exact. Or `ValueError`."""
    try:
        number = Decimal(str(value).strip())
    except InvalidOperation as error:
        raise ValueError(value) from error
    if not number.is_finite():
        raise ValueError(value)
    return number


def reference_of(mapping: Mapping[str, Any]) -> Reference:
    """Reads a part of a contract structure: `object`, `referenceType`, `referenceRole`. Or `ValueError`, `KeyError`."""
    kind, role = ReferenceType(mapping["referenceType"]), ReferenceRole(mapping["referenceRole"])
    told = mapping["object"]
    if kind is ReferenceType.CNT:
        return Reference(role=role, type=kind, contract=terms_of(told))
    code = told if isinstance(told, str) else next(iter(told.values()))
    return Reference(role=role, type=kind, code=str(code))


def name_of(field: str) -> str:
    """The name of the dictionary for a field of `Terms`: `contract_id` is `contractID`."""
    head, *rest = field.split("_")
    return head + "".join(_CAPITALS.get(word, word.capitalize()) for word in rest)


# Names of earlier versions of the dictionary, and those the published vectors use besides.
_OLD_NAMES = {
    "creatorId": "creatorID",
    "counterpartyId": "counterpartyID",
    "contractId": "contractID",
    "fixingDays": "fixingPeriod",
    "settlementDays": "settlementPeriod",
    "optionExecutionType": "optionExerciseType",
    "marketObjectCodeRateReset": "marketObjectCodeOfRateReset",
    "scalingIndexAtStatusDate": "scalingIndexAtContractDealDate",
    "cycleAnchorDateOfDividendPayment": "cycleAnchorDateOfDividend",
    "cycleOfDividendPayment": "cycleOfDividend",
}
_PLAIN: dict[object, Callable[[Any], Any]] = {
    str: str,
    Decimal: number_of,
    datetime: time_of,
    Cycle: Cycle.of,
    Period: Period.of,
    Reference: reference_of,
}


def _field_of(name: str) -> str:
    """Our spelling of a name of the dictionary: `contractID` becomes `contract_id`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


@cache
def _readers() -> dict[str, Callable[[str, Any], Any]]:
    """For each name of the dictionary, what reads its values."""
    hints = get_type_hints(Terms)
    readers: dict[str, Callable[[str, Any], Any]] = {}
    for field in fields(Terms):
        name = name_of(field.name)
        hint = hints[field.name]
        is_array = get_origin(hint) is tuple
        kinds = [kind for kind in get_args(hint) if kind not in (NoneType, ...)]
        kind = kinds[0] if is_array or isinstance(hint, UnionType) else hint
        readers[name] = partial(_array if is_array else _single, kind)
    return readers


_CAPITALS = {"id": "ID", "ied": "IED"}


def _text(value: object) -> str:
    """A value as the dictionary writes it: a number without an exponent, a time to the second."""
    if isinstance(value, Decimal):
        return format(value, "f")
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _single(kind: Any, name: str, value: Any) -> Any:
    read = _PLAIN.get(kind, kind)
    try:
        return read(value)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        label = "code" if issubclass(kind, Code) else kind.__name__
        raise TermNotUnderstood(name=name, value=str(value)[:60], form=label) from error


def _array(kind: Any, name: str, value: Any) -> tuple[Any, ...]:
    """Reads a list, a single value, or a text of values between commas."""
    if isinstance(value, str):
        value = value.strip("[] ").split(",")
    members = value if isinstance(value, Sequence) else [value]
    return tuple(_single(kind, name, member) for member in members)
