"""Print the requirements of pyproject.toml, dev group included, without their upper bounds.

For `make canary`; the output is a requirements file.
"""

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[1] / "pyproject.toml"


def main() -> None:
    """Print one requirement per line."""
    project = tomllib.loads(PROJECT.read_text())
    for requirement in (*project["project"]["dependencies"], *project["dependency-groups"]["dev"]):
        print(re.sub(r",\s*<=?\s*[0-9.]+", "", requirement))


if __name__ == "__main__":
    main()
