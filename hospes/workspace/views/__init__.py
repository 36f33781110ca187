"""Pages of the workspace, a file for each thing they are about."""
