"""The products that runs are started with: those that ship, and older versions that unfinished runs still walk.

A version's text is kept with the runs. It may be mended as long as no unfinished run walks it; then it must get
a new number.
"""

from collections.abc import Mapping

from zhongtai.gateway.run import store
from zhongtai.gateway.run.domain import ProductNotFound, ProductVersionNotOpen
from zhongtai.gateway.scenario.plan import Plan
from zhongtai.gateway.scenario.shipped import ScenarioFile, compile_all
from zhongtai.runtime.call import Call, Caller
from zhongtai.runtime.orchestration import Host
from zhongtai.runtime.unit import Unit

SYSTEM = Call(Caller("gateway", "gateway", frozenset()))


class VersionChangedError(Exception):
    """A file changed though runs of its version are under way: give it a new version."""


class Products:
    """The plans by name and version."""

    def __init__(self, host: Host, plans: Mapping[str, Plan]) -> None:
        self._host = host
        self._plans = dict(plans)
        self.newest = {plan.product: plan for plan in sorted(plans.values(), key=lambda plan: plan.version)}

    @classmethod
    async def open(cls, host: Host, plans: Mapping[str, Plan]) -> "Products":
        """Keeps the text of every plan with the runs. Raises `VersionChangedError`."""

        def write(unit: Unit) -> None:
            for plan in plans.values():
                _keep(unit, plan)

        await host.store.change(lambda writing: write(host.unit(writing, SYSTEM, "products")))
        return cls(host, plans)

    def open_version(self, product: str, version: int) -> Plan:
        """The plan a new run walks. Refuses with `ProductNotFound` or `ProductVersionNotOpen`."""
        plan = self.newest.get(product)
        if plan is None:
            raise ProductNotFound(product=product, known=", ".join(sorted(self.newest)))
        if version not in (0, plan.version):
            raise ProductVersionNotOpen(product=product, version=version, newest=plan.version)
        return plan

    async def version(self, product: str, version: int) -> Plan:
        """The plan that a run of a version walks to its end, from the text kept with the runs where it no longer
        ships.
        """
        name = f"{product}@{version}"
        if name not in self._plans:
            kept = await self._host.store.read(lambda reading: store.sources.where(self._host.view(reading, SYSTEM)))
            older = [
                ScenarioFile(f"{found.product}@{found.version}", found.source)
                for found in kept
                if f"{found.product}@{found.version}" not in self._plans
            ]
            self._plans |= compile_all(older, self._plans)
        return self._plans[name]


def _keep(unit: Unit, plan: Plan) -> None:
    kept = store.sources.find(unit, plan.product, plan.version)
    text = store.ProductSource(plan.product, plan.version, plan.source)
    if kept is None:
        store.sources.add(unit, text)
    elif kept.source != plan.source:
        if store.unfinished_of(unit, plan.product, plan.version):
            raise VersionChangedError(
                f"{plan.product} version {plan.version} changed while runs of it are under way: "
                f"write `version: {plan.version + 1}` and start again"
            )
        store.sources.save(unit, text)
