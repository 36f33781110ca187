"""Markets: where customers live, and what one has to know to serve them there.

Code holds rules, never countries: what differs between markets is in rows and package data. `facts/` is what
ships, `keys/` what may be known, `profiles.py` the one object that everything else reads:

    profile_of("JP").value("feedback.severity_rule")

Always true: of all that is known the nearest holds, an operator's own value before it, a customer's own choice
before both; and the law is a floor.
"""
