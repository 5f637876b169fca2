"""What ships with messages: who the bank is in them."""

from zhongtai.operations.iso_message.domain import MessageParty
from zhongtai.runtime.plain import reader, shipped

BANK: MessageParty = reader(MessageParty)(shipped(__package__, "institution.json"))
