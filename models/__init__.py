"""What Fenliu concludes about a case; needs no server, database or tracker."""
