"""Who stands by whom: the helper register, match rounds, pairs and their life."""
