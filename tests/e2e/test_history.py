"""The history: scrubbing, and training on from the newest moment."""

from playwright.sync_api import expect

from tests.e2e.instrument import Instrument

MAX_MOMENTS = 256

# Records with each drawn frame the number of moments on the slider.
RECORD_MOMENTS = """() => {
  window.moments = [];
  const slider = document.querySelector("input[aria-label='History']");
  const note = () => {
    window.moments.push(Number(slider.max) + 1);
    requestAnimationFrame(note);
  };
  note();
}"""


def bounds(page: Instrument) -> tuple[int, int]:
    low, high = (page.history.evaluate(f"slider => Number(slider.{end})") for end in ("min", "max"))
    return int(low), int(high)


def test_every_epoch_of_a_short_training_is_recorded(page: Instrument) -> None:
    for epoch in range(1, 5):
        page.press("Step").wait_for_epoch(epoch)
    page.history.focus()
    for epoch in (3, 2, 1, 0):
        page.history.press("ArrowLeft")
        expect(page.history).to_have_attribute("aria-valuetext", f"epoch {epoch}")
        expect(page.status("Epoch")).to_have_text(str(epoch))


def test_a_long_training_keeps_256_moments_at_most(page: Instrument) -> None:
    page.page.evaluate(RECORD_MOMENTS)
    page.at_full_speed().train()
    page.wait("() => Math.max(...window.moments) > window.moments.at(-1)").pause()
    moments = page.page.evaluate("window.moments")
    assert MAX_MOMENTS - 8 <= max(moments) <= MAX_MOMENTS
    assert moments[-1] >= MAX_MOMENTS / 2
    epochs = []
    for key in ("Home", "ArrowRight", "ArrowRight", "End"):
        page.history.press(key)
        epochs.append(page.figure("Epoch"))
    assert epochs == sorted(epochs)
    assert epochs[0] == 0
    assert epochs[-1] == page.epoch


def test_map_and_metrics_follow_the_slider(page: Instrument) -> None:
    # A line of one or two pixels lies elsewhere at another resolution.
    page.page.get_by_role("checkbox", name="Boundary").uncheck(force=True)
    before = page.pixels().picture
    page.at_full_speed().train().wait_for_epoch(400).pause()
    newest = page.figure("Training loss")
    page.wait_for_pixels(lambda pixels: bool((pixels.picture != before).any()))
    page.history.press("Home")
    expect(page.status("Epoch")).to_have_text("0")
    assert page.figure("Training loss") > newest
    page.wait_for_pixels(lambda pixels: bool((abs(pixels.picture.astype(int) - before) < 8).all()))


def test_train_resumes_from_the_newest_moment(page: Instrument) -> None:
    page.train().wait_for_epoch(60).pause()
    experiment = page.experiment()
    page.history.press("Home")
    expect(page.status("Epoch")).to_have_text("0")
    assert page.experiment() == experiment
    page.press("Step").wait_for_epoch(experiment["epoch"] + 1)
    expect(page.status("Epoch")).to_have_text(str(experiment["epoch"] + 1))
    _, high = bounds(page)
    expect(page.history).to_have_value(str(high))


def test_history_survives_a_reload(page: Instrument) -> None:
    page.train().wait_for_epoch(60).pause()
    before = bounds(page)
    page.reload()
    expect(page.history).to_have_attribute("max", str(before[1]))
    page.history.press("Home")
    expect(page.status("Epoch")).to_have_text("0")
