"""Every change to our own people: one file for each verb."""
