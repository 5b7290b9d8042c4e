"""The pictures in docs/pictures: made by `cargo xtask pictures`, and still true."""

import pytest
from chromium import DESKTOP, PHONE, needs_browser
from lib import HERE
from PIL import Image, ImageChops, ImageDraw
from visits import ways

pytestmark = needs_browser()

PICTURES = HERE.parent.parent / "docs" / "pictures"

# Which pages, in which light and size.
WANTED = {
    "sign-in": [("light", DESKTOP), ("dark", DESKTOP)],
    "mfa-register": [("light", DESKTOP)],
    "portal": [("light", DESKTOP), ("dark", DESKTOP), ("phone", PHONE)],
    "access-keys": [("light", DESKTOP)],
    "consent": [("light", DESKTOP), ("dark", DESKTOP), ("phone", PHONE)],
    "device-linked": [("light", DESKTOP)],
}

# What is another every time.
RANDOM = ".qr, #secret, .code-to-compare code, main.wide .lead, .copy textarea, .copy input"

# Fonts differ from machine to machine: pictures are compared from afar.
AFAR = 8
STRIKING = 24
MOST_STRIKING = 0.06


def blurred(picture, hidden):
    picture = picture.convert("RGB")
    for box in hidden:
        ImageDraw.Draw(picture).rectangle(box, fill="gray")
    return picture.resize((picture.width // AFAR, picture.height // AFAR), Image.Resampling.BOX)


def difference(one, other, hidden=()):
    """The share of the picture that looks another."""
    if one.size != other.size:
        return 1.0
    bands = ImageChops.difference(blurred(one, hidden), blurred(other, hidden)).split()
    strongest = ImageChops.lighter(ImageChops.lighter(bands[0], bands[1]), bands[2])
    striking = sum(strongest.histogram()[STRIKING:])
    return striking / (strongest.width * strongest.height)


def boxes(browser):
    rectangles = browser.run(
        "return [...document.querySelectorAll(arguments[0])].map(e => e.getBoundingClientRect())"
        ".map(r => [r.left, r.top, r.right, r.bottom])",
        RANDOM,
    )
    return [tuple(box) for box in rectangles]


def taken(browser, sandbox):
    """Every wanted picture, with what is not to be compared."""
    for name, _ in ways(browser, sandbox):
        for variant, size in WANTED.get(name, []):
            browser.look(size, dark=variant == "dark")
            browser.run("document.activeElement.blur()")
            yield f"{name}-{variant}.png", browser.picture(), boxes(browser)
        browser.look()


def test_pictures_are_true(browser, company, write_pictures):
    wrong, seen = {}, set()
    for name, picture, hidden in taken(browser, company):
        file = PICTURES / name
        seen.add(name)
        if write_pictures:
            PICTURES.mkdir(exist_ok=True)
            picture.quantize(64, dither=Image.Dither.NONE).save(file, optimize=True)
            continue
        share = difference(picture, Image.open(file), hidden) if file.exists() else 1.0
        if share > MOST_STRIKING:
            wrong[name] = share
    assert wrong == {}, "`cargo xtask pictures` makes them anew"
    assert seen == {file.name for file in PICTURES.glob("*.png")}


def test_a_picture_can_be_wrong():
    """The tolerance is none for another light, another page, or a missing style."""
    light, dark = (Image.open(PICTURES / f"sign-in-{variant}.png") for variant in ["light", "dark"])
    consent = Image.open(PICTURES / "consent-light.png")
    assert difference(light, light) == 0
    assert difference(light, dark) > 0.5
    assert difference(light, consent) > MOST_STRIKING
    assert difference(light, Image.new("RGB", light.size, "white")) > MOST_STRIKING
