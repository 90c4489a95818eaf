"""Odoo over XML-RPC as one of its users."""

import xmlrpc.client


class Erp:
    """One user's view of Odoo.

    :param logins: an open file of lines "role login password"
    """

    def __init__(self, url, database, logins, role):
        logins.seek(0)
        _role, login, self.password = next(line.split() for line in logins if line.split()[0] == role)
        self.database = database
        common = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/common")
        self.uid = common.authenticate(database, login, self.password, {})
        self.models = xmlrpc.client.ServerProxy(f"{url}/xmlrpc/2/object", allow_none=True)

    def call(self, model, method, *args, **kwargs):
        """Call a method and return its answer."""
        return self.models.execute_kw(self.database, self.uid, self.password, model, method, list(args), kwargs)

    def read(self, model, fields):
        """Return all rows of a model as dicts."""
        return self.call(model, "search_read", [], fields=fields)
