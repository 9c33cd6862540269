"""`python -m lbpatterns.cli`, where the console script is not on PATH."""

from lbpatterns.cli import main

main()
