"""The words of ingredient lines: closed lists, known entities, singular and plural."""
