"""Who really sent a mail: SPF, DKIM, DMARC and ARC, found out by ourselves where no mail server stands in front.

Everything here is a stranger's: the mail, the names in it, and what servers of names answer. So every answer has
its time and its size, every rule its count of questions, and a mail costs a few seconds at the very most.
"""
