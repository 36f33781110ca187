"""Every change to channels: one file for each verb."""
