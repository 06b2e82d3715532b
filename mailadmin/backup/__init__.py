"""What is kept, how, how long, and the proof that it comes back. No Django below this folder."""
