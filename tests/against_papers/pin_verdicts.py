"""Write ``verdicts.csv`` anew; read the difference before committing it.

``python -m tests.against_papers.pin_verdicts``
"""

from __future__ import annotations

import csv
from pathlib import Path

from survrecon.running.front import reproduce

VERDICTS = Path(__file__).with_name("verdicts.csv")


def main() -> None:
    with VERDICTS.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(["record", "check", "verdict"])
        for result in reproduce():
            writer.writerows((result.record.name, check.label, check.verdict) for check in result.checks)


if __name__ == "__main__":
    main()
