"""What is on record about human reviews: requests and answers, and the steps between them."""
