"""The addresses by which people come in, and by which it is decided who may: sessions, accounts, API keys."""
