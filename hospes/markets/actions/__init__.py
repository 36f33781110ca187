"""Every change to markets: one file for each verb."""
