"""Who may do what: actions, roles, principals, API keys, accounts and sessions."""
