"""The one home of the version number; read by setup.cfg, the protocols and training cards."""

__version__ = "0.1.0"
