"""What is asked, and what lies nearest to it."""
