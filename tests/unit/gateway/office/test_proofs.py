"""Codes, cards and second factors: the standard's own numbers, what people misread, and what belongs to whom."""

import base64
import os
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest

from chassis.keys import Keys
from chassis.sealing import SealBroken
from gateway.office import proofs
from gateway.office.proofs import Proofs

RFC_SECRET = b"12345678901234567890"
RFC_6238 = [(59, "94287082"), (1111111109, "07081804"), (1111111111, "14050471"), (1234567890, "89005924"),
            (2000000000, "69279037"), (20000000000, "65353130")]  # fmt: skip
"""Appendix B, SHA-1: seconds since 1970 and eight digits, of which ours are the last six."""

ONE, OTHER = UUID(int=1), UUID(int=2)


@pytest.fixture
def ours() -> Proofs:
    return Proofs(Keys(os.urandom(32)))


@pytest.mark.parametrize(("seconds", "digits"), RFC_6238)
def test_codes_are_those_of_the_standard(seconds: int, digits: str) -> None:
    now = datetime.fromtimestamp(seconds, UTC)
    assert proofs.time_step(RFC_SECRET, digits[-6:], now) == seconds // 30
    wrong = f"{(int(digits[-6:]) + 1) % 1_000_000:06d}"
    assert proofs.time_step(RFC_SECRET, wrong, now) is None, "the control arm"


@pytest.mark.parametrize(("late", "known"), [(-31, True), (0, True), (30, True), (-90, False), (90, False)])
def test_a_code_is_known_one_step_early_or_late(late: int, known: bool) -> None:
    now = datetime.fromtimestamp(1111111109 + late, UTC)
    assert (proofs.time_step(RFC_SECRET, "081804", now) == 1111111109 // 30) is known


@pytest.mark.parametrize("said", ["", "０８１８０４", "08180", "0818044", "abcdef", "-81804"])
def test_what_is_no_code_is_none(said: str) -> None:
    assert proofs.time_step(RFC_SECRET, said, datetime.fromtimestamp(1111111109, UTC)) is None


def test_the_uri_holds_what_an_authenticator_needs() -> None:
    secret = proofs.new_factor_secret()
    uri = urlsplit(proofs.enrolment_uri(secret, "anna"))
    told = {name: values[0] for name, values in parse_qs(uri.query).items()}
    assert (uri.scheme, uri.netloc, uri.path) == ("otpauth", "totp", "/Kith:anna")
    assert base64.b32decode(told["secret"]) == secret
    assert (told["digits"], told["period"], told["algorithm"], told["issuer"]) == ("6", "30", "SHA1", "Kith")


def test_codes_are_random_and_of_letters_that_nobody_misreads() -> None:
    codes = {proofs.random_code(proofs.CODE_LENGTH) for _ in range(500)}
    assert len(codes) == 500
    assert {letter for code in codes for letter in code} == set(proofs.ALPHABET)
    assert not set("ILOU") & set(proofs.ALPHABET)
    assert all(len(proofs.random_pin()) == 6 for _ in range(100))


def test_what_is_misread_means_the_same(ours: Proofs) -> None:
    assert ours.one_time(ONE, "oi1l-0abc") == ours.one_time(ONE, "01110ABC")
    assert ours.card("kith:0abc") == ours.card("0ABC") == ours.card("KITH:OABC")
    assert ours.card("0ABC") != ours.card("0ABD"), "the control arm"


def test_a_code_is_worth_something_for_its_account_and_use_alone(ours: Proofs) -> None:
    kept = {ours.one_time(ONE, "A"), ours.one_time(OTHER, "A"), ours.recovery(ONE, "A"), ours.card("A")}
    assert len(kept) == 4
    assert Proofs(Keys(os.urandom(32))).card("A") not in kept, "nor with another installation's keys"


def test_a_secret_opens_for_its_account_alone(ours: Proofs) -> None:
    secret = proofs.new_factor_secret()
    sealed = ours.seal(secret, ONE)
    assert ours.open(sealed, ONE) == secret
    assert secret not in sealed
    with pytest.raises(SealBroken):
        ours.open(sealed, OTHER)
