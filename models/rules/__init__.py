"""The rules of law and of the court: dated data, and the tests that read a case."""
