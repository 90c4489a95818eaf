"""Health, quota, jobs: what runs beside recording."""
