"""Sample cameras for a running system and for tests.

Each camera is a MediaMTX process of its own on a port of its own, asking for a
user and a password, fed by ``ffmpeg -c copy`` from a clip that was encoded once.
Standard library only, so that it runs before any virtual environment exists.
"""
