"""The process above the workers: starts them, replaces the dead, exchanges them one by one, and lets them drain."""
