"""Every change of the API itself: one file for each verb."""
