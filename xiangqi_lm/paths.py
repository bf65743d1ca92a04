"""Where things lie: shipped assets, the user's settings, the user's cache."""

from __future__ import annotations

from pathlib import Path

APP = "xiangqi-lm"


def assets() -> Path:
    """Return the folder of shipped assets, in an installation or in a checkout."""
    here = Path(__file__).resolve().parent
    installed = here / "assets"
    return installed if installed.is_dir() else here.parent / "assets"


def settings_file() -> Path:
    """Return the window's settings; the folder may not exist yet."""
    import platformdirs

    return Path(platformdirs.user_config_dir(APP, appauthor=False)) / "settings.json"


def cache_folder() -> Path:
    """Return what can be fetched again; the folder may not exist yet."""
    import platformdirs

    return Path(platformdirs.user_cache_dir(APP, appauthor=False))


def models_folder() -> Path:
    """Return where the user's own models lie, one folder each; it may not exist yet."""
    import platformdirs

    return Path(platformdirs.user_data_dir(APP, appauthor=False)) / "models"


def learning_folder() -> Path:
    """Return where models that are being learned have their runs, one folder each; it may not exist yet."""
    import platformdirs

    return Path(platformdirs.user_data_dir(APP, appauthor=False)) / "learning"


def library_file() -> Path:
    """Return where the user's library of games lies; neither it nor its folder may exist yet."""
    import platformdirs

    return Path(platformdirs.user_data_dir(APP, appauthor=False)) / "library.sqlite"
