"""Every change to what is owed: one file for each verb."""
