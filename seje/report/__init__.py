"""Stage `report`: what an evaluation found, as one HTML file that needs nothing else."""
