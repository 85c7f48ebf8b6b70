"""Pictures, films and plots of takes."""
