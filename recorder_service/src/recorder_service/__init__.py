"""Recorder service: drives MediaMTX, indexes footage, reports to Odoo."""

__version__ = "0.1.0"
