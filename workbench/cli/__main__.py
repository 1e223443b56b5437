"""`python -m workbench.cli` is the same as `goldloop`."""

from workbench.cli import main

main()
