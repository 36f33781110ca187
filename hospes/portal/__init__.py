"""What customers see without signing in: how to reach a brand, when it is open, when an answer comes.

Nothing here knows who asks. A page shows what an operator let be shown, and what an acknowledgement would say.
"""
