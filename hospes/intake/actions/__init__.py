"""Every change to what came in: one file for each verb."""
