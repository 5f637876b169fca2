"""Where a customer is reached (通知联系方式), as marketing's customer has it and somebody told it.

Always true: what is told replaces what was known, so nothing that was taken back stays.
"""

from dataclasses import dataclass

from zhongtai.kernel.refusals import Missing
from zhongtai.operations.notification_template.domain import NotificationChannel, NotificationLanguage


class NotificationContactNotFound(Missing):
    """Nothing is known of where the customer {customer_id} is reached: tell it first.

    尚无客户{customer_id}的联系方式：请先提供。
    """

    customer_id: str


@dataclass(frozen=True, slots=True)
class NotificationContactChanged:
    """Where a customer is reached has changed."""

    customer_id: str


@dataclass(frozen=True, slots=True)
class NotificationContact:
    """Where a customer is reached; what is empty is not known."""

    customer_id: str
    phone: str = ""
    email: str = ""
    language: NotificationLanguage = NotificationLanguage.ZH

    def address(self, channel: NotificationChannel) -> str:
        """Where a channel reaches the customer; empty where it does not. The app knows customers by their id."""
        return {
            NotificationChannel.SMS: self.phone,
            NotificationChannel.EMAIL: self.email,
            NotificationChannel.IN_APP: self.customer_id,
        }.get(channel, "")
