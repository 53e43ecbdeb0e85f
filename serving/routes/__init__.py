"""The addresses of the service, one file a resource: what each takes and answers, and the handler that does it."""
