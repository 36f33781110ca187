"""Every change to a conversation: one file for each verb."""
