"""Where calls come from and how many of them are taken."""
