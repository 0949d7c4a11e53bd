"""The protection policy: its rules, the plan of what is hidden, and the attack on it."""
