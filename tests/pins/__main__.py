"""Write ``pins.json`` anew; read the difference before committing it, and say in the message why it had to move.

``python -m tests.pins``
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from tests.pins.trials import SUMMARIES, curves, figure_pin, gallery, pin, summary_pin

PINS = Path(__file__).with_name("pins.json")


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        pins = {
            "reconstructions": {" ".join(key): pin(*key) for key in curves()},
            "summaries": {name: summary_pin(name) for name in SUMMARIES},
            "figures": {name: figure_pin(name, Path(folder)) for name in gallery()},
        }
    lines = (
        f"{json.dumps(kind)}: {{\n"
        + ",\n".join(f" {json.dumps(key)}: {json.dumps(value, sort_keys=True)}" for key, value in group.items())
        + "\n}"
        for kind, group in pins.items()
    )
    PINS.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")


if __name__ == "__main__":
    main()
