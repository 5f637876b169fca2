"""A delegation (授权代理): somebody lends roles of their own to another person for some days.

Always true: nobody lends a role they do not hold, to themselves, or for longer than `LONGEST`. What the one who lends
may not decide, whoever acts for them may not decide either: work orders ask for all whom a person acts for.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from zhongtai.kernel.refusals import Denied, Invalid, Missing

LONGEST = timedelta(days=90)
ROLE = "role:"
SKILL = "skill:"


class DelegationNotFound(Missing):
    """There is no delegation {delegation_id}: check the id.

    授权{delegation_id}不存在：请核对编号。
    """

    delegation_id: str


class RolesMustBeOnesOwn(Denied):
    """You do not hold {roles} yourself: only their holder can lend them.

    您本人没有角色{roles}：只有本人持有的角色才能授权。
    """

    roles: str


class DelegateMustBeAnother(Invalid):
    """The delegate {delegate} is the one who lends: name another person.

    被授权人{delegate}即授权人本人：请填写他人。
    """

    delegate: str


class DelegationMustEndInTime(Invalid):
    """A delegation ends after it begins and after now, and within {days} days: state another end.

    授权须在开始之后、当前时间之后且{days}天之内结束：请更正截止时间。
    """

    days: int


class DelegationMustBeOnesOwn(Denied):
    """The delegation {delegation_id} is somebody else's: only whoever lent or was lent the roles may end it.

    授权{delegation_id}与您无关：只有授权人或被授权人可以终止。
    """

    delegation_id: str


@dataclass(frozen=True, slots=True)
class RolesDelegated:
    """Somebody lent roles to another."""

    delegation_id: str
    delegator: str
    delegate: str
    roles: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class DelegationEnded:
    """A delegation was ended before its time."""

    delegation_id: str


@dataclass(frozen=True, slots=True)
class Delegation:
    """A delegation."""

    delegation_id: str
    delegator: str
    delegate: str
    roles: tuple[str, ...]
    valid_from: datetime
    valid_until: datetime
    ended_at: datetime | None = None

    def must_be_lent_by(self, held: frozenset[str], now: datetime) -> RolesDelegated:
        """The fact that it is lent now by somebody who holds these roles."""
        if missing := set(self.roles) - held:
            raise RolesMustBeOnesOwn(roles=", ".join(sorted(missing)))
        if self.delegate == self.delegator:
            raise DelegateMustBeAnother(delegate=self.delegate)
        in_time = self.valid_from < self.valid_until <= self.valid_from + LONGEST
        if not in_time or self.valid_until <= now:
            raise DelegationMustEndInTime(days=LONGEST.days)
        return RolesDelegated(
            self.delegation_id, self.delegator, self.delegate, self.roles, self.valid_from, self.valid_until
        )

    def end(self, by: str, now: datetime) -> tuple["Delegation", DelegationEnded | None]:
        """The delegation ended by one of the two; one that has ended stays as it is."""
        if by not in (self.delegator, self.delegate):
            raise DelegationMustBeOnesOwn(delegation_id=self.delegation_id)
        if self.ended_at is not None or self.valid_until <= now:
            return self, None
        return replace(self, ended_at=now), DelegationEnded(self.delegation_id)


@dataclass(frozen=True, slots=True)
class Person:
    """Who acts, the roles and skills they hold, and those who have delegated a role to them for now."""

    subject: str
    roles: frozenset[str]
    skills: frozenset[str] = frozenset()
    delegators: frozenset[str] = frozenset()

    @property
    def identities(self) -> frozenset[str]:
        """Everybody this person may act for: what one of them may not decide, none of them may."""
        return self.delegators | {self.subject}

    @classmethod
    def of(cls, subject: str, scopes: frozenset[str], lent: Sequence[Delegation]) -> "Person":
        """Somebody with the roles and skills their scopes name, and the roles that are lent to them for now.

        `role:credit_officer` is the role credit_officer; `*` is none.
        """
        roles = _named(scopes, ROLE).union(*(one.roles for one in lent))
        return cls(subject, roles, _named(scopes, SKILL), frozenset(one.delegator for one in lent))


def _named(scopes: frozenset[str], prefix: str) -> frozenset[str]:
    return frozenset(scope.removeprefix(prefix) for scope in scopes if scope.startswith(prefix))


def own_roles(scopes: frozenset[str]) -> frozenset[str]:
    """The roles that somebody's scopes name."""
    return _named(scopes, ROLE)
