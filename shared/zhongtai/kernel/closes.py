"""Closes of dates that were heard of: what is to follow a close elsewhere waits until its news has arrived.

The facts of a service reach another in the order they were made. So whoever has heard that a date is closed has heard
everything that came before it.
"""

from dataclasses import dataclass
from datetime import date

from zhongtai.kernel.refusals import Contended


class CloseMustBeHeard(Contended):
    """What {service} had to tell about {business_date} has not all arrived: try again in a moment.

    {service}关于{business_date}的信息尚未全部到达：请稍后重试。
    """

    service: str
    business_date: date


@dataclass(frozen=True, slots=True)
class HeardClose:
    """Through which date the close of a service has been heard, and with it all that it had to tell.

    A service that closes book by book is named with the book, "operations.general".
    """

    service: str
    through: date

    def must_reach(self, business_date: date) -> None:
        """Refuses where the close of a date has not been heard."""
        if self.through < business_date:
            raise CloseMustBeHeard(service=self.service, business_date=business_date)
