"""Who the families are: households, persons, care categories, consent, survey workbooks."""
