"""The pages of human reviews: looking, registering a request, and what is done about one."""
