"""The controls that tests, screen readers and lessons find by role and name."""

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.e2e.instrument import Instrument

ANYWHERE: list[tuple[Any, list[str]]] = [
    ("button", ["Train", "Step", "Reset model", "Clear data", "Undo", "Redo", "Present", "Help"]),
    ("button", ["Circles", "Moons", "Blobs", "Anisotropic", "Varied", "XOR", "Gauss", "Spiral"]),
    ("button", ["Regenerate", "Add layer", "Remove layer"]),
    (
        "button",
        [f"{do} layer {k}" for do in ("Add neuron to", "Remove neuron from") for k in (1, 2)],
    ),
    ("radiogroup", ["Class", "Tool", "Map colours"]),
    ("radio", [*(f"Class {k}" for k in range(1, 11)), "Draw", "Erase", "Move"]),
    ("radio", ["Confidence", "Mix", "Discrete"]),
    ("slider", ["Brush size", "Density", "Noise", "Test share", "History", "Chart cursor"]),
    ("spinbutton", ["Samples", "Classes", "Learning rate", "Batch size", "L1", "L2", "Seed"]),
    ("textbox", ["Hidden layers"]),
    ("combobox", ["Activation", "Initialiser", "Optimiser", "Task", "Speed", "Curve"]),
    ("checkbox", ["Boundary", "Show test points", "Mark errors", "Keep seed", "Log scale"]),
    ("checkbox", ["x", "y", "x²", "y²", "xy", "sin πx", "sin πy"]),
    ("group", ["Features", "Network diagram"]),
    ("application", ["Decision map"]),
    ("status", ["Epoch", "Training loss", "Test loss", "Training accuracy", "Test accuracy"]),
    ("status", ["Connection", "Generalisation gap"]),
    ("region", ["Data", "Network", "Training", "Chart", "Inside", "Decision map"]),
    ("banner", [""]),
    ("contentinfo", [""]),
]


def test_every_control_has_its_role_and_name(page: Instrument) -> None:
    for role, names in ANYWHERE:
        for name in names:
            found = page.page.get_by_role(role, name=name or None, exact=True)
            assert found.count() == 1, f"{role} {name}: {found.count()} of them"


def test_controls_that_appear_when_they_can_be_used(page: Instrument) -> None:
    expect(page.button("Single update")).to_have_count(0)
    page.type("Batch size", "10")
    expect(page.button("Single update")).to_be_visible()
    page.train()
    expect(page.button("Pause")).to_be_visible()
    page.pause()
    for name in ("Schedule", "Dropout"):
        expect(page.combobox(name).or_(page.field(name))).to_be_visible()
    page.choose("Task", "Regression")
    for name in ("Plane", "Multi-Gauss"):
        expect(page.button(name)).to_be_visible()


@pytest.mark.parametrize("name", ["Brush size", "Density", "Noise", "Test share"])
def test_sliders_reach_what_they_say(page: Instrument, name: str) -> None:
    ends = {
        "Brush size": ("0", "0.4"),
        "Density": ("2", "60"),
        "Noise": ("0", "1"),
        "Test share": ("0", "0.9"),
    }
    slider = page.page.get_by_role("slider", name=name, exact=True)
    found = (slider.get_attribute("min"), slider.get_attribute("max"))
    assert found == ends[name]
