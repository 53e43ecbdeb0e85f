"""Teams on the page: what each has on hand and can take, suggestions that say why, and assigning cases."""
