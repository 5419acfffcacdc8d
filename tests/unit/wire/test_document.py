"""The Document: validation, error messages, and stability of the format."""

import base64
import copy
import json
import re
import struct
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest

from nnvisu import engine
from nnvisu.engine.generators import SHAPES
from nnvisu.model.choices import LabelledDistribution, ValuedDistribution
from nnvisu.wire import document as form
from nnvisu.wire.document import DocumentError
from nnvisu.wire.document_codec import decode_document, encode_document
from nnvisu.wire.schema import document_schema, page_schema
from tests.support.document_page import Page, page

PLACE = Path(__file__).parents[3]
EXAMPLES = json.loads((PLACE / "tests/fixtures/documents.json").read_text())
TEXT = (PLACE / "docs/document.md").read_text()


@pytest.fixture(scope="module")
def in_page() -> Iterator[Page]:
    with page() as process:
        yield process


def floats(*numbers: float) -> str:
    """Encode float32 as a document does."""
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


def octets(*numbers: int) -> str:
    """Encode bytes as a document does."""
    return base64.b64encode(bytes(numbers)).decode()


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example["name"])
def test_version_1_stays_readable(example: dict[str, Any], in_page: Page) -> None:
    """Names and defaults of fields may never change, so these examples are never regenerated."""
    text = json.dumps(example["written"])
    assert json.loads(encode_document(decode_document(text))) == example["read"]
    assert json.loads(in_page.rewrite(text)["text"]) == example["read"]


Change = Callable[[dict[str, Any]], object]


def at(path: str, value: Any) -> Change:
    """Return a function that sets a value at a path such as ``runs.0.name``."""

    def change(plain: dict[str, Any]) -> None:
        *parents, last = (int(part) if part.isdecimal() else part for part in path.split("."))
        place: Any = plain
        for parent in parents:
            place = place[parent]
        place[last] = value

    return change


MANY = {"x": floats(*[0] * 1500), "y": floats(*[0] * 1500), "label": octets(*[12] * 1500)}
ORDER = "some of x, y, x_squared, y_squared, x_times_y, sin_x, sin_y, in this order, each once"
REFUSED: dict[str, tuple[Change, str]] = {
    "points too many": (
        at("data.classification", MANY),
        "data.classification: expected at most 1000 points, got 1500",
    ),
    "a label too many": (
        at("data.classification.label", octets(0, 1, 1)),
        "data.classification.x: expected 12 bytes, four for each label, got 8 bytes",
    ),
    "a y too few": (
        at("data.regression.y", floats()),
        "data.regression.y: expected 4 bytes, four for each value, got 0 bytes",
    ),
    "a label that is none": (
        at("data.classification.label", octets(0, 12)),
        "data.classification.label: expected labels from 0 to 9, got 12",
    ),
    "a point outside": (
        at("data.classification.y", floats(0, 1.0000001)),
        "data.classification.y: expected numbers from -1 to 1, got another at place 1",
    ),
    "a coordinate that is no number": (
        at("data.regression.x", floats(float("nan"))),
        "data.regression.x: expected numbers from -1 to 1, got another at place 0",
    ),
    "an infinite value": (
        at("data.regression.value", floats(float("inf"))),
        "data.regression.value: expected finite numbers, got another at place 0",
    ),
    "a run's id twice": (
        at("runs.1.id", 3),
        "runs[1].id: expected an id that no other run has, got 3",
    ),
    "a moment's id twice": (
        lambda plain: plain["runs"][1]["newest"].update(id=4, parent=None),
        "runs[1].newest.id: expected an id that no other moment has, got 4",
    ),
    "too many runs of a task": (
        lambda plain: plain["runs"].extend(
            {**plain["runs"][0], "id": 10 + k, "line": [], "newest": None} for k in range(4)
        ),
        "runs: expected at most 4 for classification, got 5",
    ),
    "ids that do not ascend": (
        at("runs.0.line.1.id", 2),
        "runs[0].line[1].id: expected more than 2, got 2",
    ),
    "a newest moment that is the last of the line": (
        lambda plain: plain["runs"][0].update(newest=plain["runs"][0]["line"][1]),
        "runs[0].newest.id: expected more than 4, got 4",
    ),
    "epochs that descend": (
        at("runs.0.line.1.checkpoint.epoch", 6),
        "runs[0].line[1].checkpoint.epoch: expected at least 7, got 6",
    ),
    "a parent that is younger": (
        at("runs.0.line.1.parent", 4),
        "runs[0].line[1].parent: expected null or less than 4, got 4",
    ),
    "one class": (
        at("runs.0.line.0.checkpoint.network.classes", [1]),
        "runs[0].line[0].checkpoint.network.classes: "
        "expected no label (regression) or at least 2 (classification), got 1",
    ),
    "unsorted classes": (
        at("runs.0.line.0.checkpoint.network.classes", [3, 0]),
        "runs[0].line[0].checkpoint.network.classes: "
        "expected ascending labels without repetition, got 3, 0",
    ),
    "repeated classes": (
        at("runs.0.line.0.checkpoint.network.classes", [3, 3]),
        "runs[0].line[0].checkpoint.network.classes: "
        "expected ascending labels without repetition, got 3, 3",
    ),
    "unsorted features of a network": (
        at("runs.0.line.0.checkpoint.network.features", ["y", "x"]),
        f"runs[0].line[0].checkpoint.network.features: expected {ORDER}, got y, x",
    ),
    "repeated features in settings": (
        at("runs.0.settings.features", ["x", "x"]),
        f"runs[0].settings.features: expected {ORDER}, got x, x",
    ),
    "regression in a run for classification": (
        at("runs.1.task", "classification"),
        "runs[1].newest.checkpoint.network.classes: "
        "expected some, as the run is for classification, got 0",
    ),
    "classes in a run for regression": (
        at("runs.0.task", "regression"),
        "runs[0].line[0].checkpoint.network.classes: "
        "expected none, as the run is for regression, got 2",
    ),
    "a parameter too few": (
        at("runs.1.newest.checkpoint.parameters", floats(0, 0)),
        "runs[1].newest.checkpoint.parameters: "
        "expected 12 bytes for this network and optimiser, got 8 bytes",
    ),
    "slots of another optimiser": (
        at("runs.1.newest.checkpoint.optimiser.name", "adam"),
        "runs[1].newest.checkpoint.optimiser.slots: "
        "expected 24 bytes for this network and optimiser, got 0 bytes",
    ),
    "a parameter that is no number": (
        at("runs.1.newest.checkpoint.parameters", floats(0, float("nan"), 0)),
        "runs[1].newest.checkpoint.parameters: expected finite numbers, got another at place 1",
    ),
    "an infinite slot": (
        at(
            "runs.1.newest.checkpoint.optimiser",
            {"name": "momentum", "slots": floats(0, 0, -float("inf"))},
        ),
        "runs[1].newest.checkpoint.optimiser.slots: "
        "expected finite numbers, got another at place 2",
    ),
    "a confusion of other classes": (
        at("runs.0.line.0.training.confusion", octets(*[0] * 18)),
        "runs[0].line[0].training.confusion: "
        "expected none or 8 bytes, two for each pair of classes, got 18 bytes",
    ),
    "a newer version": (at("version", 2), "version: expected at most 1, got 2"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_contradictory_documents_are_refused_with_the_same_sentence_in_both_languages(
    name: str, in_page: Page
) -> None:
    change, sentence = REFUSED[name]
    plain = copy.deepcopy(EXAMPLES[-1]["read"])
    change(plain)
    text = json.dumps(plain)
    with pytest.raises(DocumentError) as refused:
        decode_document(text)
    assert str(refused.value) == sentence
    assert in_page.rewrite(text) == {"refused": sentence}


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (at("settings.task", "both"), "settings.task: expected one of classification, regression"),
        (at("runs.0.colour", 1), "runs[0]: object contains unknown field `colour`"),
        (at("runs.0.name", ""), "runs[0].name: expected `str` of length >= 1"),
        (at("data.classification.label", "AAA"), "data.classification.label: invalid base64"),
        (at("data.regression.label", "AAA="), "data.regression: object contains unknown field"),
        (
            at("data.regression.value", octets(0, 0, 0)),
            "data.regression.value: expected a multiple",
        ),
        (
            at("data.classification.origin", {"distribution": "plane", "seed": 1}),
            "data.classification.origin.distribution: expected one of anisotropic, blobs",
        ),
    ],
)
def test_an_invalid_document_field_is_refused_with_its_path(
    change: Change, sentence: str, in_page: Page
) -> None:
    plain = copy.deepcopy(EXAMPLES[-1]["read"])
    change(plain)
    text = json.dumps(plain)
    with pytest.raises(DocumentError, match=re.escape(sentence)):
        decode_document(text)
    path = sentence.partition(":")[0]
    assert in_page.rewrite(text)["refused"].startswith(f"{path}: ")


@pytest.mark.parametrize(
    "text",
    [b"", b"\xff", "{", "[]", "null", "NaN", '"\ud800"', "[" * 100_000, "1e400", "1" * 5000],
    ids=lambda text: repr(text[:8]),
)
def test_malformed_documents_are_refused(text: str | bytes) -> None:
    with pytest.raises(DocumentError, match=r"^document: expected "):
        decode_document(text)


def test_integers_and_floats_are_interchangeable_in_json(in_page: Page) -> None:
    plain = copy.deepcopy(EXAMPLES[-1]["read"])
    plain["settings"].update(samples=200.0, noise=1, test_share=-0.0)
    text = json.dumps(plain)
    document = decode_document(text)
    assert str(document.settings.test_share) == "0.0"
    assert (document.settings.samples, document.settings.noise) == (200, 1.0)
    assert decode_document(in_page.rewrite(text)["text"]) == document


def test_an_invalid_document_cannot_be_encoded() -> None:
    document = decode_document(json.dumps(EXAMPLES[-1]["read"]))
    settings = msgspec.structs.replace(document.settings, samples=1001)
    with pytest.raises(DocumentError, match=r"settings\.samples: expected `int` <= 1000"):
        encode_document(msgspec.structs.replace(document, settings=settings))


def test_the_document_and_the_messages_share_their_definitions() -> None:
    definitions = page_schema()["$defs"]
    assert document_schema()["$ref"] == "#/$defs/Document"
    assert document_schema()["$defs"].items() <= definitions.items()


def test_each_task_allows_the_engines_generators() -> None:
    assert set(get_args(ValuedDistribution)) == set(engine.SURFACES)
    assert set(get_args(LabelledDistribution)) == set(SHAPES)


@pytest.mark.parametrize("name", sorted(document_schema()["$defs"]))
def test_every_part_is_documented_here_or_in_the_protocol(name: str) -> None:
    if not hasattr(form, name) or getattr(form, name).__module__ != form.__name__:
        assert f"**{name}**" in (PLACE / "docs/protocol.md").read_text()
        return
    _, heading, rest = TEXT.partition(f"\n## {name}\n")
    assert heading, f"docs/document.md has no section on {name}"
    section = rest.partition("\n## ")[0]
    listed = [line.split("`")[1] for line in section.splitlines() if line.startswith("| `")]
    assert listed == list(document_schema()["$defs"][name]["properties"])
