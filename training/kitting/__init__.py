"""How the kitting bundle is made."""
