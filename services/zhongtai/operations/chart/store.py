"""How the chart of accounts is shipped: as data, after the Chinese bank chart (金融企业会计科目)."""

import json as json_text
from importlib.resources import files

from zhongtai.operations.chart.domain import Chart, GeneralAccount
from zhongtai.runtime.plain import reader

_SHIPPED = json_text.loads((files(__package__) / "chart.json").read_text(encoding="utf-8"))
CHART = Chart({line["account_code"]: reader(GeneralAccount)(line) for line in _SHIPPED})
