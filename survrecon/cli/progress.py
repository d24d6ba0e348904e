"""How far long work is: a bar on a terminal's stderr, nothing elsewhere."""

from __future__ import annotations

from typing import Self

__all__ = ["Progress"]


class Progress:
    """A bar of how many are through; use it in a ``with`` statement.

    Parameters
    ----------
    what : str
        What is counted, in the plural.
    """

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> Self:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        console = Console(stderr=True)
        self._bar = Bar(
            TextColumn(self._what),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("{task.description}", markup=False),
            console=console,
            transient=True,
            disable=not console.is_terminal,
        )
        self._task = self._bar.add_task("", total=None)
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def one_more(self, name: str) -> None:
        """Count one more, the one of this name."""
        self._bar.update(self._task, advance=1, description=name)

    def show(self, through: int, total: int, text: str) -> None:
        """Show how many of how many are through, with words beside."""
        self._bar.update(self._task, completed=through, total=total, description=text)
