"""What a synthetic court has before it when an application arrives."""
