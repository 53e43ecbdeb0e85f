"""What a rule table says: opened, checked, shown and compared, in words."""
