"""The allowance model that ships with the platform."""

import json
from functools import cache
from importlib.resources import files

from google.protobuf.json_format import ParseDict

from zhongtai.credit.allowance_model.domain import AllowanceModel
from zhongtai.credit.v1 import allowance_model_pb2 as v1
from zhongtai.runtime.convert import value_of


@cache
def shipped() -> AllowanceModel:
    """The model as it is seeded."""
    (seed,) = json.loads(files("zhongtai.credit.allowance_model").joinpath("seed.json").read_text(encoding="utf-8"))
    return value_of(ParseDict(seed["request"]["model"], v1.AllowanceModel()), AllowanceModel)
