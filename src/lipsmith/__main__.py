"""`python -m lipsmith`: the command line."""

from lipsmith.cli.main import main

main()
