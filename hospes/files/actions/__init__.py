"""What changes what is known of files."""
