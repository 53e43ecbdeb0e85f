"""Teams: which cases go to which, what each has on hand and can take, and how many are still without one."""
