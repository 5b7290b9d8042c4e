"""A driven Chromium that sees pages as people do: by labels, headings and words."""

import base64
import io
import json
import os
import shutil
import tempfile
from pathlib import Path

import pytest
from PIL import Image
from selenium import webdriver
from selenium.common.exceptions import (
    NoSuchElementException,
    StaleElementReferenceException,
    WebDriverException,
)
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

CHROMIUM = os.environ.get("PEERS_CHROMIUM", shutil.which("chromium"))
DRIVER = os.environ.get("PEERS_CHROMEDRIVER", shutil.which("chromedriver"))
AXE = os.environ.get("PEERS_AXE")

FLAGS = """--headless --no-sandbox --disable-gpu --disable-quic --no-first-run
--disable-background-networking --disable-component-update --disable-sync
--hide-scrollbars --force-color-profile=srgb --font-render-hinting=none""".split()

DESKTOP = (960, 720)
PHONE = (390, 844)


def needs_browser():
    missing = CHROMIUM is None or DRIVER is None
    return pytest.mark.skipif(missing, reason="chromium and chromedriver are not installed")


class Chromium:
    """One browser with a profile of its own."""

    def __init__(self, script=True, insecure=False):
        self.profile = tempfile.mkdtemp(prefix="daypass-chromium-")
        options = webdriver.ChromeOptions()
        options.binary_location = CHROMIUM
        for flag in [*FLAGS, f"--user-data-dir={self.profile}"]:
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
        options.accept_insecure_certs = insecure
        if not script:
            setting = {"profile.managed_default_content_settings.javascript": 2}
            options.add_experimental_option("prefs", setting)
        self.driver = webdriver.Chrome(options, webdriver.ChromeService(DRIVER))
        self.look()

    def close(self):
        self.driver.quit()
        shutil.rmtree(self.profile, ignore_errors=True)

    def look(self, size=DESKTOP, dark=False):
        """The window's size, and light or dark."""
        width, height = size
        metrics = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": size == PHONE}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})

    def forget(self):
        self.driver.get("about:blank")
        self.driver.execute_cdp_cmd("Network.clearBrowserCookies", {})

    # What a person does

    def open(self, url):
        self.driver.get(url)
        return self

    def field(self, label):
        """The field that a label names, as a screen reader finds it."""
        labels = self.driver.find_elements(By.XPATH, f"//label[normalize-space()={json.dumps(label)}]")
        assert labels, f"no label {label!r} in:\n{self.text}"
        return self.driver.find_element(By.ID, labels[0].get_attribute("for"))

    def type(self, label, text):
        field = self.field(label)
        field.clear()
        field.send_keys(text)
        return self

    def press(self, button):
        """Presses a button and waits for the page it leads to."""
        return self._leave(f"//button[normalize-space()={json.dumps(button)}]")

    def follow(self, link):
        return self._leave(f"//a[starts-with(normalize-space(), {json.dumps(link)})]")

    def _leave(self, path):
        found = self.driver.find_elements(By.XPATH, path)
        assert found, f"nothing at {path} in:\n{self.text}"
        old = self.driver.find_element(By.TAG_NAME, "html")
        found[0].click()
        self.wait(lambda: self._is_gone(old))
        return self

    def _is_gone(self, element):
        try:
            element.is_enabled()
            return False
        except (StaleElementReferenceException, WebDriverException):
            return True

    def wait(self, condition, seconds=20):
        # A page may be replaced by the next between two looks at it.
        passing = [NoSuchElementException, StaleElementReferenceException]
        waiting = WebDriverWait(self.driver, seconds, 0.05, ignored_exceptions=passing)
        return waiting.until(lambda _: condition())

    def tab(self, times=1):
        for _ in range(times):
            self.driver.switch_to.active_element.send_keys(Keys.TAB)
        return self.driver.switch_to.active_element

    # What a person sees

    @property
    def heading(self):
        return self.driver.find_element(By.TAG_NAME, "h1").text

    @property
    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    @property
    def alert(self):
        """What is read out at once."""
        return " ".join(found.text for found in self.all("[role=alert]"))

    def all(self, css):
        return self.driver.find_elements(By.CSS_SELECTOR, css)

    def one(self, css):
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def scrolls_sideways(self):
        return self.run("return document.documentElement.scrollWidth > innerWidth")

    def complaints(self):
        """What the console says: blocked styles, scripts, forms. A status of 400 or
        more is part of the tests."""
        log = self.driver.get_log("browser")
        return [entry["message"] for entry in log if "the server responded with a status" not in entry["message"]]

    def violations(self):
        """What axe-core has against the page."""
        self.driver.execute_cdp_cmd("Page.setBypassCSP", {"enabled": True})
        self.run(Path(AXE).read_text())
        found = self.driver.execute_async_script("axe.run().then(arguments[0])")
        return [
            f"{rule['id']}: {rule['help']}: {node['html']} {node['failureSummary']}"
            for rule in found["violations"]
            for node in rule["nodes"]
        ]

    def picture(self):
        shot = self.driver.execute_cdp_cmd("Page.captureScreenshot", {"format": "png"})
        return Image.open(io.BytesIO(base64.b64decode(shot["data"]))).convert("RGB")
