"""Two hundred mails as programs of many countries write them, each with what a reader of it sees.

What is expected was there before the mail: `letters.py` says what a person wrote, `shapes.py` puts it into bytes.
"""
