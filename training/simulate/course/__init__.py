"""What happens to a synthetic case after its application has arrived."""
