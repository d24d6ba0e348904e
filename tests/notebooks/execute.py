"""Execute the notebooks anew and keep nothing of the machine in them; read the difference before committing it.

``python -m tests.notebooks.execute [NOTEBOOK ...]``, all of them if none is named.
"""

from __future__ import annotations

import sys
from pathlib import Path

FOLDER = Path(__file__).parents[2] / "notebooks"
METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
    "language_info": {"name": "python"},
}
LIMIT = 300  # seconds a cell


def main() -> None:
    from nbclient import NotebookClient
    from nbformat import NotebookNode, from_dict, read, write

    named = [Path(name) for name in sys.argv[1:]]
    for path in named or sorted(FOLDER.glob("*.ipynb")):
        notebook: NotebookNode = read(path, as_version=4)  # type: ignore[no-untyped-call]
        NotebookClient(notebook, timeout=LIMIT, resources={"metadata": {"path": str(FOLDER)}}).execute()
        for cell in notebook["cells"]:
            cell["metadata"].pop("execution", None)
        notebook.metadata = from_dict(METADATA)  # type: ignore[no-untyped-call]
        write(notebook, path)  # type: ignore[no-untyped-call]


if __name__ == "__main__":
    main()
