"""How notification templates rest: the versions of this bank in a table, the shipped ones beside this module."""

from sqlalchemy import MetaData, Table, bindparam, func, select

from zhongtai.operations.notification_template.domain import (
    NotificationTemplate,
    NotificationTemplateNotFound,
    NotificationTemplateStatus,
)
from zhongtai.runtime.plain import reader, shipped
from zhongtai.runtime.store import Records, integer, json, text
from zhongtai.runtime.unit import View

metadata = MetaData()
VERSIONS_AT_MOST = 10_000
NOTIFICATION_TEMPLATE = Table(
    "notification_template",
    metadata,
    text("template_id", primary_key=True),
    integer("version", primary_key=True, autoincrement=False),
    text("title"),
    text("title_zh"),
    text("category"),
    json("variables"),
    json("texts"),
    text("status"),
    text("proposed_by"),
    text("released_by"),
)
templates = Records(NOTIFICATION_TEMPLATE, NotificationTemplate)
_RELEASED = templates.query(
    NOTIFICATION_TEMPLATE.c.template_id == bindparam("of_template"),
    NOTIFICATION_TEMPLATE.c.status == NotificationTemplateStatus.RELEASED.value,
    order_by=NOTIFICATION_TEMPLATE.c.version.desc(),
    limit=1,
)
_LATEST = select(func.coalesce(func.max(NOTIFICATION_TEMPLATE.c.version), 0)).where(
    NOTIFICATION_TEMPLATE.c.template_id == bindparam("of_template")
)

_EVERY = templates.query(
    order_by=(NOTIFICATION_TEMPLATE.c.template_id, NOTIFICATION_TEMPLATE.c.version), limit=VERSIONS_AT_MOST
)

SHIPPED: dict[str, NotificationTemplate] = {
    template.template_id: template
    for template in map(
        reader(NotificationTemplate),
        shipped(__package__, "templates.json"),
    )
}


def latest_version(view: View, template_id: str) -> int:
    """The highest version proposed; 0 where there is none but the shipped one."""
    return int(view.rows(_LATEST, {"of_template": template_id})[0][0])


def released_version(view: View, template_id: str) -> int:
    """The highest released version; 0 where there is none but the shipped one."""
    return max((template.version for template in _RELEASED(view, of_template=template_id)), default=0)


def every(view: View) -> list[NotificationTemplate]:
    """The shipped versions and those of this bank, each in the order of their names."""
    return [*SHIPPED.values(), *_EVERY(view)]


def in_force(view: View, template_id: str) -> NotificationTemplate:
    """The highest released version, else the shipped one; refuses where there is neither."""
    found = _RELEASED(view, of_template=template_id)
    if not found and template_id not in SHIPPED:
        raise NotificationTemplateNotFound(template_id=template_id, version="in force")
    return found[0] if found else SHIPPED[template_id]


def version_of(view: View, template_id: str, version: int) -> NotificationTemplate:
    """One version; refuses where there is none of that number."""
    shipped = None if version else SHIPPED.get(template_id)
    found = shipped or templates.find(view, template_id, version)
    if found is None:
        raise NotificationTemplateNotFound(template_id=template_id, version=str(version))
    return found
