"""The control room: people with the right to it switch models off and on, and have answers given again."""
