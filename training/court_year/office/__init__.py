"""The court at work: its hours, its teams with their queues, and cases on their way through them."""
