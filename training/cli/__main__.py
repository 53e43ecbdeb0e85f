"""The command, started as `python -m training.cli`."""

from training.cli.app import main

if __name__ == "__main__":
    main()
