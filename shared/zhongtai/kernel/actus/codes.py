"""The codes of the ACTUS dictionary: what a term or an event may say, by the dictionary's acronyms."""

from enum import StrEnum
from typing import Self


class Code(StrEnum):
    """A code as the dictionary spells it; read without regard to case, blanks and the older spellings in `_OLD`."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        text = str(value).strip().upper()
        text = _OLD.get(cls.__name__, {}).get(text, text)
        return cls._value2member_map_.get(text)  # type: ignore[return-value]


class ContractType(Code):
    """The eighteen types of the taxonomy that have published vectors."""

    PAM = "PAM"
    LAM = "LAM"
    NAM = "NAM"
    ANN = "ANN"
    LAX = "LAX"
    CLM = "CLM"
    UMP = "UMP"
    CSH = "CSH"
    STK = "STK"
    COM = "COM"
    FXOUT = "FXOUT"
    SWPPV = "SWPPV"
    SWAPS = "SWAPS"
    CAPFL = "CAPFL"
    OPTNS = "OPTNS"
    FUTUR = "FUTUR"
    CEG = "CEG"
    CEC = "CEC"


class ContractRole(Code):
    """On which side the creator of the record stands."""

    RPA = "RPA"
    RPL = "RPL"
    LG = "LG"
    ST = "ST"
    BUY = "BUY"
    SEL = "SEL"
    RFL = "RFL"
    PFL = "PFL"
    COL = "COL"
    CNO = "CNO"
    GUA = "GUA"
    OBL = "OBL"
    UDL = "UDL"
    UDLP = "UDLP"
    UDLM = "UDLM"

    @property
    def sign(self) -> int:
        """R(CNTRL) of section 3.7: 1 where the creator has a claim, -1 where it has an obligation."""
        return -1 if self in _OBLIGED else 1


_OBLIGED = {
    ContractRole.RPL,
    ContractRole.ST,
    ContractRole.SEL,
    ContractRole.PFL,
    ContractRole.GUA,
    ContractRole.UDLM,
}


class EventType(Code):
    """What may happen to a contract, in the order in which events of one instant are evaluated."""

    IED = "IED"
    FP = "FP"
    PR = "PR"
    PI = "PI"
    PRF = "PRF"
    PY = "PY"
    PP = "PP"
    IP = "IP"
    IPFX = "IPFX"
    IPFL = "IPFL"
    IPCI = "IPCI"
    CE = "CE"
    RRF = "RRF"
    RR = "RR"
    DV = "DV"
    SC = "SC"
    IPCB = "IPCB"
    PRD = "PRD"
    TD = "TD"
    MD = "MD"
    XD = "XD"
    STD = "STD"
    AD = "AD"

    @property
    def sequence(self) -> int:
        """Its place among the events of one instant (section 2.8, numbers of the event dictionary).

        But for SC and IPCB, which the dictionary has behind PRD and TD: what is fixed that day is so before.
        """
        return _SEQUENCE[self]


_SEQUENCE = {kind: place for place, kind in enumerate(EventType)}


class BusinessDayConvention(Code):
    """Whether a day without business is shifted, where to, and whether interest is calculated before (C first)."""

    NOS = "NOS"
    SCF = "SCF"
    SCMF = "SCMF"
    CSF = "CSF"
    CSMF = "CSMF"
    SCP = "SCP"
    SCMP = "SCMP"
    CSP = "CSP"
    CSMP = "CSMP"


class Calendar(Code):
    """Which days are days of business."""

    NC = "NC"
    MF = "MF"


class EndOfMonthConvention(Code):
    """Whether a cycle that starts on the last day of a month keeps to last days (EOM) or to the day (SD)."""

    SD = "SD"
    EOM = "EOM"


class DayCountConvention(Code):
    """How days become a part of a year."""

    AA = "AA"
    A360 = "A360"
    A365 = "A365"
    THIRTY_E_360 = "30E360"
    THIRTY_E_360_ISDA = "30E360ISDA"
    TWENTY_EIGHT_E_336 = "28E336"
    BUS_252 = "BUS252"


class ScalingEffect(Code):
    """Which payments an index scales: interest (I), principal (N), both, none."""

    NONE = "000"
    INTEREST = "I00"
    PRINCIPAL = "0N0"
    BOTH = "IN0"


class InterestCalculationBase(Code):
    """On what interest is calculated: notional, notional at initial exchange, notional lagged."""

    NT = "NT"
    NTIED = "NTIED"
    NTL = "NTL"


class FeeBasis(Code):
    """Whether a fee is an amount (A) or a rate on the notional (N)."""

    A = "A"
    N = "N"


class PenaltyType(Code):
    """What a prepayment costs: nothing (N), an amount (A), a rate on the notional (R), the difference of rates (I).

    So the dictionary; the specification writes O for N and N for R.
    """

    N = "N"
    A = "A"
    R = "R"
    I = "I"  # noqa: E741


class PrepaymentEffect(Code):
    """What a prepayment changes: it is not allowed (N), reduces redemptions (A), reduces the maturity (M)."""

    N = "N"
    A = "A"
    M = "M"


class CyclePoint(Code):
    """Whether something happens at the beginning or the end of its cycle."""

    B = "B"
    E = "E"


class DeliverySettlement(Code):
    """Settled in cash (S) or delivered (D)."""

    S = "S"
    D = "D"


class OptionType(Code):
    """Call, put, or both."""

    C = "C"
    P = "P"
    CP = "CP"


class OptionExerciseType(Code):
    """European, Bermudan, American."""

    E = "E"
    B = "B"
    A = "A"


class GuaranteedExposure(Code):
    """What of a covered contract is covered: nominal value, with interest, market value."""

    NO = "NO"
    NI = "NI"
    MV = "MV"


class ContractPerformance(Code):
    """How the obligor performs; DL, DQ and DF may be credit events."""

    PF = "PF"
    DL = "DL"
    DQ = "DQ"
    DF = "DF"
    MA = "MA"
    TE = "TE"


class IncreaseDecrease(Code):
    """Whether a part of an array raises the notional or repays it."""

    INC = "INC"
    DEC = "DEC"


class FixedVariable(Code):
    """Whether a part of an array fixes a rate or resets it from the market."""

    F = "F"
    V = "V"


class ReferenceType(Code):
    """What a part of a contract structure is: a contract, the name of one, a market object, a legal entity."""

    CNT = "CNT"
    CID = "CID"
    MOC = "MOC"
    EID = "EID"
    CST = "CST"


class ReferenceRole(Code):
    """What a part of a contract structure is for."""

    UDL = "UDL"
    FIL = "FIL"
    SEL = "SEL"
    COVE = "COVE"
    COVI = "COVI"


# Spellings of earlier dictionaries and of the published vectors. A letter O stands for a zero in scaling effects;
# the role PF of a swap ("pay fixed") is the pay-first-leg role.
_OLD = {
    "ContractRole": {"RF": "RFL", "PF": "PFL"},
    "BusinessDayConvention": {"NULL": "NOS", "": "NOS"},
    "Calendar": {"NOCALENDAR": "NC", "MONDAYTOFRIDAY": "MF"},
    "DayCountConvention": {
        "A/A": "AA",
        "A/360": "A360",
        "A/365": "A365",
        "30E/360": "30E360",
        "30E/360ISDA": "30E360ISDA",
        "28E/336": "28E336",
        "28336": "28E336",
        "BUS/252": "BUS252",
        "B252": "BUS252",
    },
    "ScalingEffect": {"OOO": "000", "IOO": "I00", "ONO": "0N0", "INO": "IN0"},
    "FixedVariable": {"FIX": "F", "VAR": "V"},
    "PenaltyType": {"O": "N"},
    "EventType": {"PD": "PI"},
}
