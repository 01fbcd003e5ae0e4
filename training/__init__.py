"""How the default bundles were made. Needs torch: `make train`."""
