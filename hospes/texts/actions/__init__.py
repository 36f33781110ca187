"""Every change to texts: one file for each verb."""
