"""The version number, as used by setup.cfg, the protocols and training cards."""

__version__ = "0.1.0"
