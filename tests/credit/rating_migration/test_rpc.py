"""Migration through the door: a year of ratings, overrides and withdrawals, told to the day each happened on."""

from datetime import date

from google.protobuf.message import Message

from tests.credit.examples import day, plant_seeds, rate, request_id
from zhongtai.credit.v1 import rating_migration_pb2 as v1
from zhongtai.credit.v1 import rating_pb2 as rating_v1
from zhongtai.runtime.convert import date_message
from zhongtai.testing.doors import Door


class Bank:
    """A door, and the events of ratings delivered when somebody asks for it."""

    def __init__(self, door: Door) -> None:
        self.door = door
        self.told = 0

    async def on(self, today: date, request: Message) -> str:
        self.door.today(today)
        reply = await self.door.call(request)
        return str(reply.rating.rating_id)

    async def assign(self, today: date, customer: str, probability: str) -> str:
        return await self.on(
            today,
            rating_v1.AssignRatingRequest(
                request_id=request_id(), customer_id=customer, probability_of_default=rate(probability)
            ),
        )

    async def tell(self) -> None:
        """Brings every event that was not brought yet, with the business date it happened on."""
        kinds = (rating_v1.RatingAssigned, rating_v1.RatingOverridden, rating_v1.RatingWithdrawn)
        by_name = {kind.DESCRIPTOR.full_name: kind for kind in kinds}
        envelopes = [one for one in await self.door.envelopes() if one.subject in by_name]
        for one in envelopes[self.told :]:
            event = by_name[one.subject].FromString(one.payload)
            await self.door.deliver(event, event_id=one.event_id, business_date=one.business_date)
        self.told = len(envelopes)

    async def moves(self, from_day: date, to_day: date) -> dict[tuple[str, str], int]:
        request = v1.GetMigrationMatrixRequest(from_day=date_message(from_day), to_day=date_message(to_day))
        reply = await self.door.call(request)
        for row in reply.rows:
            assert sum(row.counts) == row.customers
        return {
            (row.grade, column): count
            for row in reply.rows
            for column, count in zip(reply.columns, row.counts, strict=True)
            if count
        }


JANUARY, FEBRUARY, MARCH, APRIL = (date(2026, month, 10) for month in (1, 2, 3, 4))


async def test_a_matrix_follows_ratings_overrides_and_withdrawals(door: Door) -> None:
    await plant_seeds(door)
    bank = Bank(door)
    await bank.assign(JANUARY, "stays", "0.02")
    await bank.assign(JANUARY, "falls", "0.02")
    overridden = await bank.assign(JANUARY, "overridden", "0.02")
    withdrawn = await bank.assign(JANUARY, "withdrawn", "0.02")
    await bank.assign(JANUARY, "restored", "0.02")
    again = await bank.assign(FEBRUARY, "restored", "0.3")
    await bank.assign(FEBRUARY, "falls", "0.3")
    await bank.on(
        MARCH,
        rating_v1.OverrideRatingRequest(
            request_id=request_id(),
            rating_id=overridden,
            grade="BBB",
            reason="the audited accounts arrived",
            authority="senior_credit_officer",
        ),
    )
    for rating_id in (withdrawn, again):
        await bank.on(MARCH, rating_v1.WithdrawRatingRequest(request_id=request_id(), rating_id=rating_id))
    await bank.assign(MARCH, "comes", "0.002")
    await bank.assign(MARCH, "comes", "0.02")
    await bank.tell()  # all at once and late: each still counts on its own day
    door.today(APRIL)
    assert await bank.moves(date(2026, 1, 31), APRIL) == {
        ("BB", "BB"): 2,
        ("BB", "BBB"): 1,
        ("BB", "CC"): 1,
        ("BB", "NR"): 1,
    }
    assert await bank.moves(date(2026, 2, 28), APRIL) == {
        ("BB", "BB"): 1,
        ("BB", "BBB"): 1,
        ("BB", "NR"): 1,
        ("CC", "CC"): 1,
        ("CC", "BB"): 1,
    }
    assert (await bank.moves(MARCH, APRIL))["BB", "BB"] == 3, "of two on one day the last counts"
    assert await bank.moves(date(2025, 12, 31), APRIL) == {}


async def test_a_matrix_goes_forward(door: Door) -> None:
    await plant_seeds(door)
    door.today(MARCH)
    request = v1.GetMigrationMatrixRequest(from_day=day(2026, 1, 1), to_day=day(2026, 3, 11))
    assert (await door.refused(request)).reason == "MIGRATION_MUST_GO_FORWARD"
