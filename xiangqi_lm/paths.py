"""Paths of shipped assets and of the user's settings, cache, models and library."""

from __future__ import annotations

from pathlib import Path

APP = "xiangqi-lm"


def assets() -> Path:
    """Return the folder of shipped assets, in an installation or in a checkout."""
    here = Path(__file__).resolve().parent
    installed = here / "assets"
    return installed if installed.is_dir() else here.parent / "assets"


def settings_file() -> Path:
    """Return the path of the window's settings; the folder may not exist yet."""
    import platformdirs

    return Path(platformdirs.user_config_dir(APP, appauthor=False)) / "settings.json"


def cache_folder() -> Path:
    """Return the folder of files that can be recreated; it may not exist yet."""
    import platformdirs

    return Path(platformdirs.user_cache_dir(APP, appauthor=False))


def models_folder() -> Path:
    """Return the folder of the user's models, with a folder for each; it may not exist yet."""
    import platformdirs

    return Path(platformdirs.user_data_dir(APP, appauthor=False)) / "models"


def learning_folder() -> Path:
    """Return the folder of models being learned, with a folder for each; it may not exist yet."""
    import platformdirs

    return Path(platformdirs.user_data_dir(APP, appauthor=False)) / "learning"


def library_file() -> Path:
    """Return the path of the user's library of games; it and its folder may not exist yet."""
    import platformdirs

    return Path(platformdirs.user_data_dir(APP, appauthor=False)) / "library.sqlite"
