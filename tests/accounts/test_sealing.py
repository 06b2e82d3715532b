"""The sealed password: both halves of the key or nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from postie_web.lib import sealing

SERVER = "server-half-0123456789abcdefghijklmnop"


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"])))
def test_what_is_sealed_opens_with_both_halves(secret: str) -> None:
    half = sealing.new_half()
    sealed = sealing.seal(secret, half, SERVER, "ana@kronos.test")
    assert sealing.unseal(sealed, half, SERVER, "ana@kronos.test") == secret


@pytest.mark.parametrize(
    ("half", "server", "owner"),
    [
        ("other", SERVER, "ana@kronos.test"),
        ("", SERVER, "ana@kronos.test"),
        ("half", SERVER + "x", "ana@kronos.test"),
        ("half", "", "ana@kronos.test"),
        ("half", SERVER, "bea@kronos.test"),
        ("hal", "f" + SERVER, "ana@kronos.test"),
        ("x" * 10_000, SERVER, "ana@kronos.test"),
        ("\ud800", SERVER, "ana@kronos.test"),
    ],
)
def test_half_a_key_opens_nothing(half: str, server: str, owner: str) -> None:
    sealed = sealing.seal("secret", "half", SERVER, "ana@kronos.test")
    with pytest.raises(sealing.Broken):
        sealing.unseal(sealed, half, server, owner)


@given(st.integers(min_value=0), st.characters(codec="ascii"))
def test_a_changed_letter_is_noticed(position: int, letter: str) -> None:
    sealed = sealing.seal("correct horse", "half", SERVER, "a")
    at = position % (len(sealed) - 4)
    if sealed[at] == {"+": "-", "/": "_"}.get(letter, letter):
        return  # the same letter, in the other alphabet of RFC 4648
    with pytest.raises(sealing.Broken):
        sealing.unseal(sealed[:at] + letter + sealed[at + 1 :], "half", SERVER, "a")


@given(st.text())
def test_nonsense_is_broken_and_not_an_error(sealed: str) -> None:
    with pytest.raises(sealing.Broken):
        sealing.unseal(sealed, "half", SERVER, "a")


def test_the_same_password_is_never_sealed_the_same_way() -> None:
    assert sealing.seal("a", "half", SERVER, "b") != sealing.seal("a", "half", SERVER, "b")
