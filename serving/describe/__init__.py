"""The service describing itself: schema, OpenAPI, reason codes, models, start page."""
