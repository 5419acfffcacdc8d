"""The light and dark themes, and the contrast of text in each (WCAG)."""

from typing import Literal

from tests.e2e.instrument import Instrument

Theme = Literal["light", "dark"]
BACKGROUNDS: dict[Theme, str] = {"light": "rgb(244, 245, 247)", "dark": "rgb(20, 22, 26)"}
_BACKGROUND_IS = "colour => getComputedStyle(document.body).backgroundColor === colour"

# Of what is not drawn, Firefox never finishes them.
TRANSITIONS_ARE_DONE = """() => document.getAnimations().every(({ playState, effect }) =>
  playState === "finished" || !effect.target.checkVisibility())"""


def wait_for_theme(page: Instrument, theme: Theme) -> None:
    """Wait until the page has a theme."""
    page.wait(_BACKGROUND_IS, BACKGROUNDS[theme])


def poor_contrasts(page: Instrument) -> list[str]:
    """Return the texts whose contrast is too low in the light or the dark theme.

    The page switches its theme one frame later, with transitions: the measurement waits for both.
    """
    poor = []
    for theme in BACKGROUNDS:
        if theme == "dark":
            page.press("Dark theme")
        wait_for_theme(page, theme)
        page.wait(TRANSITIONS_ARE_DONE)
        poor += [f"{theme}: {text}" for text in page.page.evaluate(_CONTRASTS)]
    return poor


# Every text whose contrast with the nearest opaque background behind it is under WCAG's AA.
_CONTRASTS = """() => {
  // What color-mix() gives is computed as color(srgb ...), with channels up to 1.
  const channels = (colour) => {
    const [r, g, b, ...alpha] = colour.match(/[\\d.]+/g).map(Number);
    const most = colour.startsWith("color(srgb") ? 255 : 1;
    return [most * r, most * g, most * b, ...alpha];
  };
  const luminance = ([r, g, b]) => [r, g, b]
    .map((value) => value / 255)
    .map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4))
    .reduce((sum, value, index) => sum + value * [0.2126, 0.7152, 0.0722][index], 0);
  const behind = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if (colour.length === 3 || colour[3] === 1) return colour;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const poor = [];
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    const shown = element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
    if (!text || !shown) continue;
    if (element.closest(":disabled, [aria-disabled='true'], option, script, style")) continue;
    const style = getComputedStyle(element);
    const [a, b] = [channels(style.color), behind(element)].map(luminance);
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    const large = parseFloat(style.fontSize) >= 24
      || (parseFloat(style.fontSize) >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) poor.push(`${text}: ${ratio.toFixed(2)}`);
  }
  return poor;
}"""
