"""The pages: addresses of the same table, with the same access rules, audit and border of courts as every other."""
