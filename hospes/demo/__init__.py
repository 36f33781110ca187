"""The demo: a believable world to click through, the coffee-machine shop Kaldera.

Three hubs, twelve markets, ten languages, conversations at every stage, dated around today. It goes through
the product's own doors and actions, so there is nothing in it that the product cannot do.
"""
