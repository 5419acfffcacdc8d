"""Layers and neurons are added and removed by buttons at the diagram."""

from playwright.sync_api import expect

from tests.e2e.instrument import Instrument


def hidden(page: Instrument) -> list[int]:
    """Return the units of each hidden layer of the newest network."""
    layers: list[int] = page.settled().experiment()["weights"]["network"]["hidden_layers"]
    return layers


def test_buttons_add_and_remove_layers_and_neurons(page: Instrument) -> None:
    assert hidden(page) == [10, 5]
    page.press("Add neuron to layer 1", "Remove neuron from layer 2")
    assert hidden(page) == [11, 4]
    page.press("Add layer")
    assert hidden(page) == [11, 4, 4]
    expect(page.field("Hidden layers")).to_have_value("11-4-4")
    page.press("Remove layer", "Remove layer", "Remove layer")
    assert hidden(page) == []
    expect(page.button("Remove layer")).to_be_disabled()
    page.press("Add layer")
    assert hidden(page) == [4]
    for _ in range(4):
        page.press("Undo")
    assert hidden(page) == [11, 4, 4]


def test_the_last_neuron_and_the_last_layer_stay_within_bounds(page: Instrument) -> None:
    page.type("Hidden layers", "1-100")
    assert hidden(page) == [1, 100]
    expect(page.button("Remove neuron from layer 1")).to_be_disabled()
    expect(page.button("Add neuron to layer 2")).to_be_disabled()
    page.type("Hidden layers", "-".join(["2"] * 10))
    assert len(hidden(page)) == 10
    expect(page.button("Add layer")).to_be_disabled()


def test_neurons_that_remain_keep_their_weights(page: Instrument) -> None:
    page.train().wait_for_epoch(30).pause()
    before = page.experiment()
    page.press("Add neuron to layer 1", "Remove neuron from layer 1")
    assert hidden(page) == [10, 5]
    assert page.experiment()["weights"]["parameters"] == before["weights"]["parameters"]


def test_hidden_layers_wait_for_enter(page: Instrument) -> None:
    field = page.field("Hidden layers")
    field.click()
    field.press("Home")
    field.press("ArrowRight")
    # The 0 of 10: "1-5" would be another network.
    field.press("Delete")
    expect(field).to_have_value("1-5")
    page.press("Step").wait_for_epoch(1)
    assert hidden(page) == [1, 5]


def test_the_heading_does_not_count_the_output_as_a_hidden_layer(page: Instrument) -> None:
    page.type("Hidden layers", "2-2").settled()
    expect(page.page.get_by_role("region", name="Network")).to_contain_text("2 – 2 × 2 – 2")
