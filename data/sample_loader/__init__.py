"""The sample company, loaded inside Odoo's shell from the CSV files beside this folder."""
