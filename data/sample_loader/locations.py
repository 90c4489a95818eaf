"""The tree of places: two sites in two time zones."""

from .keep import keep, need, rows


def load(env, company):
    """Make the locations, parents first (the file is in that order)."""
    for row in rows("locations"):
        keep(env, "cctv.location", row["key"], lambda row=row: _values(env, company, row))


def _values(env, company, row):
    values = {key: row[key] for key in ("name", "code", "location_type", "area_type", "security_class")}
    values.update(company_id=company.id, indoor=row["indoor"] == "1")
    if row["parent"]:
        values["parent_id"] = need(env, row["parent"]).id
    values.update({name: row[name] for name in ("tz", "forbidden_kind") if row[name]})
    if row["responsible"]:
        values["responsible_id"] = need(env, f"user_{row['responsible']}").id
    return values
