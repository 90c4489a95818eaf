"""A company's own database, for a start without the sample: the administrator's login and the node of this machine."""
