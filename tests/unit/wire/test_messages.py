"""The wire protocol: fixtures, documentation and schema match the Structs."""

import base64
import json
from pathlib import Path
from typing import get_args

import msgspec
import pytest

from nnvisu.model import choices
from nnvisu.wire import messages
from nnvisu.wire.codec import encode
from nnvisu.wire.messages import Network, Reply, Request
from tests.fixtures.messages import FILE, MESSAGES, entry

DOCUMENT = (Path(__file__).parents[3] / "docs" / "protocol.md").read_text()
DEFINITIONS = messages.schema()["$defs"]
ANY_MESSAGE = Request | Reply


def test_the_fixture_is_up_to_date() -> None:
    assert json.loads(FILE.read_text()) == [entry(*message) for message in MESSAGES.items()]


@pytest.mark.parametrize("written", json.loads(FILE.read_text()), ids=lambda each: each["name"])
def test_both_forms_of_an_example_are_equal(written: dict[str, str]) -> None:
    packed = base64.b64decode(written["msgpack_base64"])
    text = json.dumps(written["json"])
    message = MESSAGES[written["name"]]
    assert msgspec.msgpack.decode(packed, type=ANY_MESSAGE) == message
    assert msgspec.json.decode(text, type=ANY_MESSAGE) == message


def test_there_is_an_example_of_every_message() -> None:
    assert {type(message) for message in MESSAGES.values()} == {
        *get_args(Request),
        *get_args(Reply),
    }


def test_a_reply_is_encoded_in_the_requested_form() -> None:
    reply = MESSAGES["frame"]
    assert isinstance(reply, Reply)
    packed, text = encode(reply), encode(reply, text=True)
    assert isinstance(packed, bytes)
    assert isinstance(text, str)
    assert msgspec.msgpack.decode(packed, type=Reply) == reply
    assert msgspec.json.decode(text, type=Reply) == reply


@pytest.mark.parametrize("message", [*get_args(Request), *get_args(Reply)])
def test_every_message_has_a_section_that_lists_its_fields(message: type) -> None:
    tag = message.__struct_config__.tag  # type: ignore[attr-defined] # every message has one
    _, heading, rest = DOCUMENT.partition(f"\n### `{tag}`\n")
    assert heading, f"docs/protocol.md has no section on {tag}"
    section = rest.partition("\n#")[0]
    listed = {line.split("`")[1] for line in section.splitlines() if line.startswith("| `")}
    assert listed == {field.name for field in msgspec.structs.fields(message)}


@pytest.mark.parametrize(
    "name", sorted(set(DEFINITIONS) - {message.__name__ for message in get_args(ANY_MESSAGE)})
)
def test_every_part_of_a_message_has_a_paragraph_that_names_its_fields(name: str) -> None:
    _, heading, rest = DOCUMENT.partition(f"\n**{name}**: ")
    assert heading, f"docs/protocol.md has no paragraph on {name}"
    paragraph = rest.partition("\n\n")[0]
    assert [
        field for field in DEFINITIONS[name]["properties"] if f"`{field}`" not in paragraph
    ] == []


def test_every_choice_is_documented() -> None:
    for names in (
        choices.Activation,
        choices.OptimiserName,
        choices.Distribution,
        messages.Ended,
    ):
        assert [name for name in get_args(names) if f"`{name}`" not in DOCUMENT] == []


@pytest.mark.parametrize(
    ("hidden", "classes", "count"),
    [((), (0, 1), 6), ((10, 5), (0, 1, 2), 103), ((100,) * 10, tuple(range(10)), 92210)],
)
def test_parameters_are_counted(
    hidden: tuple[int, ...], classes: tuple[int, ...], count: int
) -> None:
    assert Network(hidden, classes).parameter_count == count


def test_the_schema_holds_bounds_choices_and_defaults() -> None:
    schema = messages.schema()
    fields = schema["$defs"]["Hyperparameters"]["properties"]
    assert fields["learning_rate"] == {
        "type": "number",
        "exclusiveMinimum": 0,
        "maximum": 100,
        "default": 0.01,
    }
    assert set(fields["optimiser"]["enum"]) == set(get_args(choices.OptimiserName))
    assert schema["limits"] == {"samples": 1000, "message_bytes": 1_500_000}
