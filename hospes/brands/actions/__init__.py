"""Every change to brands and the site: one file for each verb."""
