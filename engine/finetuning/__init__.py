"""What leave-one-out fine-tuning is made of: what is asked, how it is judged, and what it leaves."""
