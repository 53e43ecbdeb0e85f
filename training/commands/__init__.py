"""What each offline command does, file by file as in `training/cli/`; loaded when a command is called."""
