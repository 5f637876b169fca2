"""Charts as data: what `console.js` draws, with colours by role, so that light and dark are one chart."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from markupsafe import Markup

# What would end the element that carries the data, or begin a comment in it.
_ESCAPES = str.maketrans({"<": "\\u003c", ">": "\\u003e", "&": "\\u0026"})


@dataclass(frozen=True, slots=True)
class Series:
    """One row of bars, or a line. `links` lead to sources, `texts` are the exact values; both go with `values`."""

    name: str
    colour: str
    values: Sequence[Decimal | int]
    links: Sequence[str] = ()
    texts: Sequence[str] = ()
    stack: str = ""
    line: bool = False


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart of bars over categories; `lying` bars leave room for long names."""

    categories: Sequence[str]
    series: Sequence[Series] = field(default_factory=tuple)
    lying: bool = False

    @property
    def data(self) -> Markup:
        """The chart as JSON that is safe inside a page. The height of a bar is no amount: there it may be a float."""
        told = {
            "categories": list(self.categories),
            "lying": self.lying,
            "series": [
                {
                    "name": series.name,
                    "colour": series.colour,
                    "values": [float(value) for value in series.values],
                    "texts": list(series.texts) or [f"{value:,}" for value in series.values],
                    "links": list(series.links),
                    "stack": series.stack,
                    "line": series.line,
                }
                for series in self.series
            ],
        }
        return Markup(json.dumps(told, ensure_ascii=False).translate(_ESCAPES))
