"""What all pages that people see have in common: colours, type, cards; and pages in one file."""
