"""What we say again and again, in each language that we speak to customers in: one file for each.

The texts are frames with places such as {surname} and {date}; `phrasebook.py` reads them. Under `[holding]` stands how
a reply looks that answers nothing; `holding.py` reads that.
"""
