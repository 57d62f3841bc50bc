"""The style sheet: five font sizes, and colours with enough contrast in the light and the dark scheme."""

import re

import pytest

from tutela import paths

CSS = (paths.STATIC / "tutela.css").read_text(encoding="utf-8")
SIZES = ("--size-small", "--size-body", "--size-lead", "--size-heading", "--size-title")


def colours(scheme: str) -> dict[str, str]:
    """Return the colours of a scheme by the name of their custom property."""
    light, _, rest = CSS.partition("@media (prefers-color-scheme: dark)")
    found = dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", light))
    return found if scheme == "light" else found | dict(re.findall(r"(--[\w-]+): (#[0-9a-f]{6});", rest.partition("@media")[0]))


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours by WCAG 2.2."""

    def luminance(colour: str) -> float:
        channels = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    lower, higher = sorted((luminance(one), luminance(other)))
    return (higher + 0.05) / (lower + 0.05)


def test_text_has_one_of_five_sizes() -> None:
    assert set(re.findall(r"(--size-\w+):", CSS)) == set(SIZES)
    used = re.findall(r"font-size: ([^;}]+)", CSS) + re.findall(r"font: ([^;}]*?)/", CSS)
    named = {f"var({size})" for size in SIZES} | {f"600 var({size})" for size in SIZES}
    # The size of a page when printed, which the five are relative to, and code, which is not above the text around it.
    assert set(used) - named == {"8.4pt", "min(1em, var(--size-small))"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_marks_have_enough_contrast(scheme: str) -> None:
    colour = colours(scheme)
    for text in ("--ink", "--soft", "--accent"):
        for ground in ("--paper", "--tint"):
            assert contrast(colour[text], colour[ground]) >= 4.5, (text, ground)
    assert contrast(colour["--edge"], colour["--paper"]) >= 3
