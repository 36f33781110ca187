"""Small tools that know no word of our trade and have no rows of their own."""
