"""The team: agents, leads and operators, the hubs they sit in and the teams they form.

Always true: an agent signs in with one mail address, works in one language and one time zone,
and sees only the queues he or she was given (`conversations.QueueMember`); operators see all.
"""
