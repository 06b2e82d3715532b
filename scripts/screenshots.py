"""The README's pictures, of the demonstration: scripts/start.sh, then python -m scripts.screenshots."""

import json
from pathlib import Path

from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

from scripts import surroundings

IMAGES = surroundings.CHECKOUT / "docs/images"
SIZE: ViewportSize = {"width": 1280, "height": 800}
# Nothing moves while the picture is taken.
STILL = "*, *::before, *::after { transition: none !important; animation: none !important }"


def main() -> None:
    demo = json.loads((surroundings.read().var / "demo.json").read_text())
    people = {account["role"]: account for account in reversed(demo["accounts"])}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        for locale, name in (("en-US", "webmail"), ("es-PE", "webmail-es")):
            page = signed_in(browser, demo["url"], people["user"], locale)
            row = page.locator(".message-row", has=page.locator('.message-row__marks use[href*="paperclip"]'))
            row.locator(".message-row__open").nth(1).click()
            page.mouse.move(1200, 700)  # off the row, whose buttons it would show
            page.wait_for_load_state("networkidle")
            take(page, name)
        for locale, name in (("en-US", "panel"), ("es-PE", "panel-es")):
            page = signed_in(browser, demo["url"], people["admin"], locale)
            page.goto(f"{demo['url']}/admin/mailboxes/")
            take(page, name)
        browser.close()


def signed_in(browser: Browser, url: str, account: dict[str, str], locale: str) -> Page:
    page = browser.new_context(viewport=SIZE, locale=locale, bypass_csp=True).new_page()
    page.set_default_timeout(60_000)
    page.goto(f"{url}/login")
    page.locator("[name=address]").fill(account["address"])
    page.locator("[name=password]").fill(account["password"])
    page.locator("[name=password]").press("Enter")
    page.wait_for_url(lambda address: "/login" not in address)
    return page


def take(page: Page, name: str) -> None:
    page.add_style_tag(content=STILL)
    page.wait_for_load_state("networkidle")
    target: Path = IMAGES / f"{name}.png"
    page.screenshot(path=str(target))
    print(target)


if __name__ == "__main__":
    main()
