"""Keys a person chose."""

import json

from django.test import Client

from webmail.models import Preferences


def test_keys_are_chosen_and_stand_on_every_page(browser: Client, person) -> None:
    assert "data-own-keys" not in browser.get("/").content.decode()
    assert browser.get("/settings/keys/").status_code == 200
    assert browser.post("/settings/keys/", {"key0": "y"}).status_code == 302
    assert Preferences.objects.get(account=person.address).keys == {"e": "y"}
    page = browser.get("/").content.decode()
    assert "data-own-keys" in page
    shown = page.split('data-own-keys="')[1].split('"')[0].replace("&quot;", '"')
    assert json.loads(shown) == {"e": "y"}


def test_two_acts_cannot_have_one_key(browser: Client) -> None:
    answer = browser.post("/settings/keys/", {"key0": "r"})
    assert answer.status_code == 422
    assert "Two acts cannot have the same key." in answer.content.decode()
    # Two keys may change places.
    assert browser.post("/settings/keys/", {"key0": "r", "key3": "e"}).status_code == 302
