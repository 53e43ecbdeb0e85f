"""Pages for people: rendered on the server, without scripts, from what the routes hand them."""
