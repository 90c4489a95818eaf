"""The company itself: the database's first one, given the sample's name."""

from .keep import find, name, rows


def load(env):
    """Return the sample company, with language, currency and chart of accounts."""
    for row in rows("company"):
        _language(env, row["lang"])
        company = find(env, row["key"]) or _adopt(env, row)
    return company


def _language(env, code):
    lang = env["res.lang"].with_context(active_test=False).search([("code", "=", code)])
    if not lang.active:
        env["base.language.install"].create({"lang_ids": [(6, 0, lang.ids)]}).lang_install()


def _adopt(env, row):
    company = env.ref("base.main_company")
    currency = env["res.currency"].with_context(active_test=False).search([("name", "=", row["currency"])])
    currency.active = True
    company.write(
        {
            **{key: row[key] for key in ("name", "cctv_code", "street", "city", "zip", "phone", "email", "website")},
            "country_id": env.ref(f"base.{row['country'].lower()}").id,
        }
    )
    company.partner_id.write({"lang": row["lang"], "tz": row["tz"]})
    _chart(env, company, row["country"].lower(), currency)
    return name(env, row["key"], company)


def _chart(env, company, template, currency):
    if "account.chart.template" in env and company.chart_template != template and not company._existing_accounting():
        env["account.chart.template"].try_loading(template, company=company, install_demo=False)
    if company.currency_id != currency:
        company.currency_id = currency
