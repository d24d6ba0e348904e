"""``python -m survrecon``: the command line."""

from survrecon.cli import main

main()
