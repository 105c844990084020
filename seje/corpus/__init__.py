"""Stage `corpus`: recipes read, checked and cleaned."""
