"""The workspace: the screens our team lives in. No rules of the trade here."""
