"""`python -m midstream_cli` is `midstream`."""

from midstream_cli.cli.main import main

if __name__ == "__main__":
    main()
