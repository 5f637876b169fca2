"""The table of participations, and the rules of joint loans that ship as data."""

from decimal import Decimal

from sqlalchemy import MetaData, Table

from zhongtai.credit.participation.domain import Participation, ParticipationNotFound
from zhongtai.runtime.plain import shipped
from zhongtai.runtime.store import Records, json, text

metadata = MetaData()

PARTICIPATION = Table(
    "credit_participation",
    metadata,
    text("loan_id", primary_key=True),
    text("currency_code"),
    json("parts"),
    text("status"),
)

participations = Records(PARTICIPATION, Participation, missing=ParticipationNotFound)

_RULES = shipped(__package__, "rules.json")
MINIMUM_PARTNER_SHARE = Decimal(_RULES["minimum_partner_share"])
