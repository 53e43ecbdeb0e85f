"""Online: from a promoted bundle to stored, explained advice."""
