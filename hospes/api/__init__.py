"""The REST API: everything the workspace can do, for programs."""
