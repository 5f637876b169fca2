"""The input of a run: JSON values held against what the product declares, every violation at once."""

from collections.abc import Mapping
from typing import Any

from zhongtai.gateway.scenario.findings import rather
from zhongtai.gateway.scenario.kinds import ValueUnfitError, decode, encode
from zhongtai.gateway.scenario.plan import Field, Plan


class InputUnfitError(ValueError):
    """The input does not fit the product: `violations` are (field, reason)."""

    def __init__(self, violations: tuple[tuple[str, str], ...]) -> None:
        self.violations = violations
        super().__init__("; ".join(f"input.{field} {reason}" for field, reason in violations))


def decode_inputs(plan: Plan, given: Mapping[str, Any]) -> dict[str, Any]:
    """The values of an input by name, defaults where a field is optional and not given. Raises `InputUnfitError`."""
    fields = {field.name: field for field in plan.inputs}
    found: dict[str, Any] = {}
    violations: list[tuple[str, str]] = []
    for name in given:
        if name not in fields:
            violations.append((name[:64], f"is no field of the input. {rather(name[:64], fields)}"))
    for name, field in fields.items():
        if given.get(name) is None:
            if not field.optional:
                violations.append((name, f"is missing: a {field.kind}"))
            continue
        try:
            found[name] = _bounded(field, decode(field.kind, given[name], name))
        except ValueUnfitError as error:
            violations.append((error.field, error.reason))
    if violations:
        raise InputUnfitError(tuple(violations))
    return found


def encode_outputs(plan: Plan, values: Mapping[str, Any]) -> dict[str, Any]:
    """What comes of a run as JSON values; what has no value is left out."""
    return {
        output.name: encode(output.kind, values[output.name])
        for output in plan.outputs
        if values.get(output.name) is not None
    }


def _bounded(field: Field, value: Any) -> Any:
    low = field.minimum is not None and isinstance(value, int) and value < field.minimum
    high = field.maximum is not None and isinstance(value, int) and value > field.maximum
    if low or high:
        raise ValueUnfitError(field.name, f"must be from {field.minimum} to {field.maximum}")
    return value
