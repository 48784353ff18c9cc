"""The tables of hosts. A reading is one row: its percentages by measure, in hundredths, as a small JSON object.

`host` has the newest reading of each as a whole. Measures are `cpu`, `memory`, `swap` and `disk MOUNT`. Points in time
are milliseconds, but for `start` of the roll-ups: seconds.
"""

from __future__ import annotations

CPU, MEMORY, SWAP = 1, 2, 3
"""Numbers of the measures that every database has."""
HOST_ROLL_UPS = {"host_five_minutes": 300, "host_hour": 3600, "host_day": 86400}
"""Tables of values over buckets, and the seconds of a bucket."""
PERCENTS = """
JOIN json_each(CASE WHEN json_valid(one.percents) THEN one.percents END) AS pair
    ON pair.type = 'integer' AND pair.key IS NOT NULL
"""
"""Joins the percentages of a row `one`, of which a spoilt row has none."""

_TABLES = f"""
CREATE TABLE host (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, at INTEGER NOT NULL, reading TEXT NOT NULL);
CREATE TABLE measure (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE);
INSERT INTO measure VALUES ({CPU}, 'cpu'), ({MEMORY}, 'memory'), ({SWAP}, 'swap');
CREATE TABLE host_fresh (host INTEGER NOT NULL, at INTEGER NOT NULL, percents TEXT NOT NULL);
CREATE TABLE host_reading (
    host INTEGER NOT NULL,
    at INTEGER NOT NULL,
    percents TEXT NOT NULL,
    PRIMARY KEY (host, at)
) WITHOUT ROWID;
"""
_ROLL_UP = """
CREATE TABLE {name} (
    host INTEGER NOT NULL,
    start INTEGER NOT NULL,
    measure INTEGER NOT NULL,
    readings INTEGER NOT NULL,
    total INTEGER NOT NULL,
    most INTEGER NOT NULL,
    PRIMARY KEY (host, start, measure)
) WITHOUT ROWID;
"""
_NAMED = "JOIN host ON host.id = one.host JOIN measure ON measure.id ="
_READINGS = f"""
CREATE VIEW host_readings AS
SELECT one.at / 1000.0 AS at, host.name AS host, measure.name AS measure, pair.value / 100.0 AS percent
FROM (SELECT * FROM host_reading UNION ALL SELECT * FROM host_fresh) AS one
{PERCENTS} {_NAMED} pair.key;
"""
_BUCKETS = f"""
CREATE VIEW {{view}} AS
SELECT one.start AS start, {{seconds}} AS seconds, host.name AS host, measure.name AS measure,
    one.readings AS readings, one.total / 100.0 / one.readings AS mean_percent, one.most / 100.0 AS max_percent
FROM {{table}} AS one {_NAMED} one.measure;
"""
_BUCKETED = {"host_five_minutes_named": "host_five_minutes", "host_hours": "host_hour", "host_days": "host_day"}

HOSTS = "".join(
    [
        *(_TABLES, *(_ROLL_UP.format(name=name) for name in HOST_ROLL_UPS), _READINGS),
        *(_BUCKETS.format(view=v, table=table, seconds=HOST_ROLL_UPS[table]) for v, table in _BUCKETED.items()),
    ]
)
"""The script that makes them all."""
RELIED_ON = {
    "host_readings": "every reading of a host by measure (`cpu`, `memory`, `swap`, `disk MOUNT`), 48 h back",
    "host_five_minutes_named": "mean and highest value of a measure over 5 minutes, 14 days back",
    "host_hours": "the same over hours, 90 days back",
    "host_days": "the same over days in UTC, 400 days back",
}
"""Views whose columns stay, and what a row of them is."""
