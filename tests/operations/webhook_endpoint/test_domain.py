"""Endpoints: signatures against the published implementation, addresses, secrets that overlap, and giving up."""

import base64
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks import Webhook

from zhongtai.credit.v1 import loan_pb2
from zhongtai.operations.webhook_endpoint.domain import (
    FAILING_AT_MOST,
    FAILURES_AT_MOST,
    SigningKey,
    WebhookEndpoint,
    WebhookEndpointStatus,
    WebhookSignature,
    WebhookUrlMustBeHttps,
    signature_v1,
    signed_content,
)
from zhongtai.operations.webhook_endpoint.payload import payload
from zhongtai.operations.webhook_endpoint.signing import headers, new_key
from zhongtai.operations.webhook_endpoint.store import EVENTS
from zhongtai.runtime import contracts

NOW = datetime(2026, 5, 6, 1, 0, tzinfo=UTC)


def endpoint(url: str = "https://partner.example/hook", **fields: object) -> WebhookEndpoint:
    key = new_key(WebhookSignature.V1)
    made = WebhookEndpoint("whe_1", "partner_1", url, (EVENTS[0],), WebhookSignature.V1, (key,), NOW)
    return replace(made, **fields)  # type: ignore[arg-type]


def test_the_published_vector_is_signed_alike() -> None:
    """From standard-webhooks/standard-webhooks, libraries/python/tests/test_webhooks.py, `test_sign_function`."""
    key = SigningKey("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    content = signed_content("msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, '{"test": 2432232314}')
    assert signature_v1(key.octets, content) == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert key.secret == "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@given(st.text(max_size=200), st.binary(min_size=24, max_size=64))
def test_the_package_of_the_standard_verifies_what_we_sign(body: str, secret: bytes) -> None:
    key = SigningKey(base64.b64encode(secret).decode())
    now = int(datetime.now(UTC).timestamp())
    # Two keys sign while a secret is changed: whoever holds either of them is content.
    signed = headers("ntf_1", now, body, (new_key(WebhookSignature.V1), key))
    Webhook(key.secret).verify(body, signed, json_parse=False)


def test_an_asymmetric_signature_is_verified_by_the_public_key() -> None:
    key = new_key(WebhookSignature.V1A)
    signed = headers("ntf_1", 1614265330, "{}", (key,))["webhook-signature"]
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(key.public_key.removeprefix("whpk_")))
    public.verify(base64.b64decode(signed.removeprefix("v1a,")), b"ntf_1.1614265330.{}")
    assert key.secret == ""


def test_a_secret_that_was_replaced_signs_until_its_overlap_is_over_and_no_third_ever_does() -> None:
    first = endpoint()
    second, _ = first.rotate(new_key(WebhookSignature.V1), timedelta(hours=1), NOW)
    third, fact = second.rotate(new_key(WebhookSignature.V1), timedelta(hours=2), NOW + timedelta(minutes=1))
    assert second.signing(NOW) == (second.keys[1], replace(first.keys[0], good_until=NOW + timedelta(hours=1)))
    assert second.signing(NOW + timedelta(hours=1)) == second.keys[1:]
    assert [key.key for key in third.keys] == [second.keys[1].key, third.keys[1].key]
    assert fact.overlaps_until == NOW + timedelta(hours=2, minutes=1)


@pytest.mark.parametrize(
    "url",
    [
        "http://partner.example/hook",
        "https://user:pass@partner.example/",
        "https://partner.example/#x",
        "ftp://partner.example/",
        "https:///nowhere",
        "https://partner.example:65536/",
        "https://partner.example/\r\nx: y",
        "http://localhost.evil.example/",
        "http://127.0.0.1@evil.example/",
        "//partner.example/",
    ],
)
def test_an_address_that_could_mean_another_place_is_refused(url: str) -> None:
    with pytest.raises(WebhookUrlMustBeHttps):
        endpoint(url).registered(EVENTS)


@pytest.mark.parametrize(
    "url", ["https://a.example", "https://a.example:8443/x?y=z", "http://127.0.0.1:1/x", "https://[2606:4700::1]/"]
)
def test_other_addresses_are_taken(url: str) -> None:
    assert endpoint(url).registered(EVENTS).endpoint_id == "whe_1"


def test_an_endpoint_is_given_up_only_after_many_failures_over_a_long_time() -> None:
    given_up, facts = endpoint(), []
    for number in range(FAILURES_AT_MOST + 5):
        given_up, fact = given_up.answered(taken=False, gone=False, now=NOW + timedelta(seconds=number))
        assert fact is None
    assert given_up.failures == FAILURES_AT_MOST + 5
    assert given_up.answered(taken=True, gone=False, now=NOW)[0].failures == 0
    for _ in range(2):
        given_up, fact = given_up.answered(taken=False, gone=False, now=NOW + FAILING_AT_MOST)
        facts.append(fact and fact.reason)
    assert facts == ["FAILING", None]
    assert given_up.status is WebhookEndpointStatus.DISABLED


def test_gone_gives_an_endpoint_up_at_once() -> None:
    gone, fact = endpoint().answered(taken=False, gone=True, now=NOW)
    assert fact is not None
    assert fact.reason == "GONE"
    back, _ = gone.enable()
    assert (back.enabled, back.failures) == (True, 0)


def test_events_that_are_open_are_events_of_contracts() -> None:
    assert set(EVENTS) <= set(contracts.events())


def test_what_is_c2_stays_inside_at_any_depth() -> None:
    event = loan_pb2.LoanDisbursed(loan_id="loan_1", customer_id="cus_1", account_id="6222020200112233445")
    said = payload(event, NOW)
    assert said == (
        '{"type":"zhongtai.credit.v1.LoanDisbursed","timestamp":"2026-05-06T01:00:00.000000Z",'
        '"data":{"loanId":"loan_1","customerId":"cus_1"}}'
    )
    assert event.account_id
