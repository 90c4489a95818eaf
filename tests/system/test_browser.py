"""A real Chromium: IT logs in and sees the health screen with the cameras that record."""

import os
import shutil

import pytest
from playwright.sync_api import expect, sync_playwright

PATIENCE_MS = 60_000


@pytest.fixture
def page():
    """Open a page in the system's own Chromium."""
    chromium = shutil.which("chromium")
    assert chromium, "Chromium is missing: scripts/setup-system --tests"
    with sync_playwright() as playwright:
        words = ["--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
        if os.geteuid() == 0:
            words.append("--no-sandbox")
        browser = playwright.chromium.launch(executable_path=chromium, args=words)
        yield browser.new_page(viewport={"width": 1440, "height": 900}, locale="id-ID")
        browser.close()


def _log_in(page, system, role):
    user = system.access["users"][role]
    page.goto(f"{system.access['url']}/web/login")
    page.fill("input[name=login]", user["login"])
    page.fill("input[name=password]", user["password"])
    page.click("form.oe_login_form button[type=submit]")
    page.wait_for_selector(".o_main_navbar", timeout=PATIENCE_MS)


def test_it_sees_the_health_screen(page, system, it):
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    _log_in(page, system, "it")
    page.goto(f"{system.access['url']}/odoo/action-cctv_recorder_bridge.action_cctv_recorder_health")
    node = it.search_read("cctv.recorder", [("state", "!=", "retired")], ["name"], order="id", limit=1)[0]["name"]
    expect(page.get_by_text(node).first).to_be_visible(timeout=PATIENCE_MS)
    for code in ("CAM-01", "CAM-02", "CAM-03", "CAM-04", "CAM-05"):
        expect(page.get_by_text(code).first).to_be_visible(timeout=PATIENCE_MS)
    page.screenshot(path=str(system.run / "log" / "health.png"))
    expect(page.get_by_text("Merekam").first).to_be_visible(timeout=PATIENCE_MS)
    assert not errors
