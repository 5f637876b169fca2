"""What ships with messages: who the bank is in them."""

import json as json_text
from importlib.resources import files

from zhongtai.operations.iso_message.domain import MessageParty
from zhongtai.runtime.plain import reader

BANK: MessageParty = reader(MessageParty)(
    json_text.loads((files(__package__) / "institution.json").read_text(encoding="utf-8"))
)
