"""The link to Odoo: one call, two transports, at-least-once delivery."""
