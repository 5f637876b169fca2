"""The contents of the API reference: every component with its operations, as one plain page that is made once.

A viewer takes some twenty seconds to lay out seven hundred operations, and a moment for those of one component. So the
whole is told here, and the viewer opens a component at a time.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from zhongtai.common.v1 import options_pb2
from zhongtai.gateway.door.binding import Binding

_COMPONENT: Any = options_pb2.component
# As the viewer names the places of its operations.
_NO_ANCHOR = re.compile(r"[\s#:?&={}]")


def words(name: str) -> str:
    """`HoldLimit` → `Hold limit`."""
    text = "".join(f" {letter.lower()}" if letter.isupper() else letter for letter in name).strip()
    return text[:1].upper() + text[1:]


def by_component(bindings: Iterable[Binding]) -> dict[str, list[Binding]]:
    """The operations by the component they belong to, `credit.LimitService`, in the order of the contracts."""
    found: dict[str, list[Binding]] = {}
    for binding in bindings:
        service, _, name = binding.method.descriptor.containing_service.full_name.removeprefix("zhongtai.").partition(
            ".v1."
        )
        found.setdefault(f"{service}.{name}", []).append(binding)
    return found


def contents(components: Mapping[str, Sequence[Binding]], said: Mapping[str, str]) -> bytes:
    """The page; `said` holds the sentences of the contracts by full name."""
    services: dict[str, list[str]] = {}
    for name in components:
        services.setdefault(name.partition(".")[0], []).append(name)
    links = " · ".join(f'<a href="#{service}">{escape(service.replace("_", " "))}</a>' for service in services)
    sections = [
        f'<h2 id="{service}">{escape(service.replace("_", " "))}</h2>'
        + "".join(_component(name, components[name], said) for name in names)
        for service, names in services.items()
    ]
    operations = sum(map(len, components.values()))
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<title>Zhongtai 中台 · API reference</title><link rel="icon" href="data:,">'
        '<link rel="stylesheet" href="/reference/contents.css"></head><body><main>'
        "<h1>Zhongtai 中台 · API reference</h1>"
        f'<p>{len(components)} components, {operations} operations · <a href="/openapi.json">OpenAPI of all</a></p>'
        f"<nav>{links}</nav>{''.join(sections)}</main></body></html>"
    ).encode()


def _component(name: str, bindings: Sequence[Binding], said: Mapping[str, str]) -> str:
    service = bindings[0].method.descriptor.containing_service
    title, chinese = words(service.name.removesuffix("Service")), service.GetOptions().Extensions[_COMPONENT].title_zh
    operations = "".join(_operation(name, binding) for binding in bindings)
    return (
        f'<section id="{escape(name)}"><h3><a href="/reference/of/{escape(name)}">{escape(title)}</a> '
        f'<span lang="zh">{escape(chinese)}</span></h3><p>{escape(said.get(service.full_name, ""))}</p>'
        f"<ul>{operations}</ul></section>"
    )


def _operation(name: str, binding: Binding) -> str:
    path, verb = binding.template.text, binding.verb
    place = f"{verb.lower()}-{_NO_ANCHOR.sub('-', path)}"
    return (
        f'<li><code class="{verb.lower()}">{verb}</code> <a href="/reference/of/{escape(name)}#{escape(place)}">'
        f"{escape(words(binding.method.descriptor.name))}</a> <code>{escape(path)}</code></li>"
    )
