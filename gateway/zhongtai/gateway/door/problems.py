"""The error answers of the HTTP door as the OpenAPI document tells them: one schema, and what each status means."""

from typing import Any

PROBLEM: dict[str, Any] = {
    "type": "object",
    "title": "Problem",
    "description": "Why the answer is no (RFC 9457): a reason for programs, a sentence for people, and what to do.",
    "required": ["type", "title", "status", "detail", "reason", "metadata", "violations"],
    "properties": {
        "type": {"type": "string", "description": "A URN of the reason."},
        "title": {"type": "string", "description": "What kind of refusal it is."},
        "status": {"type": "integer", "description": "The HTTP status."},
        "detail": {"type": "string", "description": "The sentence for a person, in the caller's language."},
        "reason": {"type": "string", "description": "The machine reason.", "examples": ["LIMIT_EXHAUSTED"]},
        "metadata": {
            "type": "object",
            "description": "What a program needs to act on it.",
            "additionalProperties": {"type": "string"},
        },
        "violations": {
            "type": "array",
            "description": "Everything that is wrong with the request, at once.",
            "items": {
                "type": "object",
                "required": ["field", "reason", "description"],
                "properties": {
                    "field": {"type": "string", "description": "Where.", "examples": ["legs[2].amount"]},
                    "reason": {"type": "string", "description": "The machine reason."},
                    "description": {"type": "string", "description": "The sentence for a person."},
                },
            },
        },
        "instance": {"type": "string", "description": "The path of the request."},
        "trace_id": {"type": "string", "description": "The number to ask the bank with."},
    },
    "examples": [
        {
            "type": "urn:zhongtai:refusal:LIMIT_EXHAUSTED",
            "title": "Right request, wrong moment: something must change first.",
            "status": 422,
            "detail": "Only CNY 600.00 of the limit is free: ask for less, or repay first.",
            "reason": "LIMIT_EXHAUSTED",
            "metadata": {"available": "CNY 600.00"},
            "violations": [],
        }
    ],
}


def _response(sentence: str) -> dict[str, Any]:
    return {
        "description": sentence,
        "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}},
    }


RESPONSES: dict[str, Any] = {
    "Invalid": _response("The request is wrong: mend it as each violation says."),
    "Unauthenticated": _response("The access token is missing, not valid, or expired."),
    "Denied": _response("The client may not."),
    "Missing": _response("It does not exist."),
    "Conflict": _response("It is already there, or another caller won the race."),
    "Unmet": _response("Right request, wrong moment: something must change first."),
    "Limited": _response("Too much, too fast: wait as Retry-After says."),
    "Unreachable": _response("Something this depends on is down: try again with growing pauses."),
    "DeadlineExceeded": _response("Time ran out and the outcome is not known: send the same request again."),
    "Other": _response("Any other problem, in the same form."),
}
