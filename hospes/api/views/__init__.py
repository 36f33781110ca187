"""What can be asked for, one file for each resource; verbs are resources too."""
