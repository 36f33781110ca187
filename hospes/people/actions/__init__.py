"""Every change to a customer: one file for each verb."""
