"""How the inspection bundle is made."""
