"""How the closes that a service has heard of rest: the last date of each, in a table of the component that listens."""

from collections.abc import Iterable
from datetime import date

from sqlalchemy import MetaData, Table

from zhongtai.kernel.closes import HeardClose
from zhongtai.runtime.store import Records, day, text
from zhongtai.runtime.unit import Unit, View


class HeardCloses:
    """The closes heard of; one row for each service, or book of one, that closes."""

    def __init__(self, table: str, metadata: MetaData) -> None:
        """Declares the table."""
        self._records = Records(Table(table, metadata, text("service", primary_key=True), day("through")), HeardClose)

    def must_reach(self, view: View, services: Iterable[str], business_date: date) -> None:
        """Refuses with `CloseMustBeHeard` where one of the services has not been heard to close a date."""
        for service in services:
            (self._records.find(view, service) or HeardClose(service, date.min)).must_reach(business_date)

    def hear(self, unit: Unit, service: str, through: date) -> None:
        """Keeps that a date was closed; news of an earlier one changes nothing."""
        known = self._records.find(unit, service)
        if known is None:
            self._records.add(unit, HeardClose(service, through))
        elif known.through < through:
            self._records.save(unit, HeardClose(service, through))
