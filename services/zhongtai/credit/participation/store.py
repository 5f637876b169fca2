"""The table of participations, and the rules of joint loans that ship as data."""

import json as json_text
from decimal import Decimal
from importlib.resources import files

from sqlalchemy import MetaData, Table

from zhongtai.credit.participation.domain import Participation, ParticipationNotFound
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

_RULES = json_text.loads((files(__package__) / "rules.json").read_text(encoding="utf-8"))
MINIMUM_PARTNER_SHARE = Decimal(_RULES["minimum_partner_share"])
