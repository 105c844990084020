"""Stage `outside`: data that no stage makes, found from DVC's temporary copies too."""
