"""The configurations of deploy/ and the documentation name only existing options and paths."""

import re
import shlex
from argparse import Namespace
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from nnvisu.command import DEFAULT_PORT, command_line
from tests.support.http import ask
from tests.support.server import ServerProcess

ROOT = Path(__file__).parents[3]
DEPLOY = ROOT / "deploy"
README = (ROOT / "README.md").read_text()
TEXTS = {
    path.name: path.read_text()
    for path in (*DEPLOY.iterdir(), ROOT / "docs/deploy.md", ROOT / "docs/security.md")
}
MANIFESTS = list(yaml.safe_load_all(TEXTS["kubernetes.yaml"]))
POD = next(each for each in MANIFESTS if each["kind"] == "Deployment")["spec"]["template"]
CONTAINER: dict[str, Any] = POD["spec"]["containers"][0]
UNIT = dict(re.findall(r"^(\w+)=(.*)$", TEXTS["nnvisu.service"], re.MULTILINE))
OPTIONS = {
    option
    for action in command_line()._actions  # argparse has no other way to ask
    for option in action.option_strings
    if option.startswith("--")
}
PATHS = {
    *re.findall(r"\b(?:uri|path) (/\w+)", TEXTS["haproxy.cfg"]),
    *re.findall(r"location = (/\w+)", TEXTS["nginx.conf"]),
    *re.findall(r"\bpath: (/\w+)", TEXTS["kubernetes.yaml"]),
    *re.findall(r"^\| `(/\w+)", TEXTS["deploy.md"], re.MULTILINE),
}


def named(text: str) -> set[str]:
    """Return the options that a text names."""
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*", text))


def started(command: list[str]) -> Namespace:
    """Parse a command line as the program does."""
    assert Path(command[0]).name == "nnvisu"
    return command_line().parse_args(command[1:])


@pytest.mark.parametrize("name", TEXTS)
def test_every_named_option_exists(name: str) -> None:
    assert named(TEXTS[name]) <= OPTIONS


def test_the_readme_lists_every_option() -> None:
    rows = re.findall(r"^\| `--.*$", README, re.MULTILINE)
    assert {option for row in rows for option in named(row.split("|")[1])} == OPTIONS


@pytest.mark.parametrize("path", sorted(PATHS))
def test_every_named_path_exists(shared_server: ServerProcess, path: str) -> None:
    assert ask(shared_server.port, path).status != 404


def test_the_paths_were_found() -> None:
    assert {"/healthz", "/readyz", "/metrics"} <= PATHS


def test_the_systemd_unit_starts_the_installed_command() -> None:
    options = started(shlex.split(UNIT["ExecStart"]))
    assert (options.host, options.port) == ("127.0.0.1", DEFAULT_PORT)
    assert UNIT["Environment"] == f"NUMBA_CACHE_DIR=/var/cache/{UNIT['CacheDirectory']}"
    assert "MemoryDenyWriteExecute" not in UNIT, "kernels could not be compiled"


def test_the_pods_start_the_installed_command() -> None:
    options = started(CONTAINER["args"])
    (port,) = CONTAINER["ports"]
    assert options.port == port["containerPort"] == DEFAULT_PORT
    assert POD["metadata"]["annotations"]["prometheus.io/port"] == str(options.port)
    environment = {each["name"]: each["value"] for each in CONTAINER["env"]}
    mounts = {each["name"]: each["mountPath"] for each in CONTAINER["volumeMounts"]}
    volumes = {each["name"] for each in POD["spec"]["volumes"]}
    assert environment == {"NUMBA_CACHE_DIR": mounts["cache"]}
    assert set(mounts) == volumes
    for probe in ("readinessProbe", "livenessProbe"):
        assert CONTAINER[probe]["httpGet"]["port"] == port["name"]


def test_all_manifests_select_the_same_pods() -> None:
    labels = POD["metadata"]["labels"]
    kinds = {each["kind"] for each in MANIFESTS}
    assert kinds == {"Deployment", "Service", "HorizontalPodAutoscaler", "PodDisruptionBudget"}
    for each in MANIFESTS:
        selector = each["spec"].get("selector", labels)
        assert selector.get("matchLabels", selector) == labels
        target = each["spec"].get("scaleTargetRef", {"kind": "Deployment", "name": "nnvisu"})
        assert (target["kind"], target["name"]) == ("Deployment", each["metadata"]["name"])


def scaling_metrics() -> Iterator[str]:
    """Return the names of the autoscaler's metrics."""
    for each in MANIFESTS:
        for metric in each["spec"].get("metrics", []):
            if metric["type"] == "Pods":
                yield metric["pods"]["metric"]["name"]


def test_the_autoscaler_reads_an_existing_metric(shared_server: ServerProcess) -> None:
    text = shared_server.get("metrics")
    assert list(scaling_metrics()) == ["nnvisu_busy_sessions"]
    assert all(re.search(rf"^{name} ", text, re.MULTILINE) for name in scaling_metrics())
