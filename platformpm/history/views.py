"""Views for people who ask the database themselves: names instead of numbers, seconds and milliseconds as they expect.

Points in time are seconds since 1970 in UTC, durations milliseconds (`_ms`), `trusted` is 0 where the monitor itself
was in trouble. `up_percent` is the share of answers that served, up or degraded, among those that could be judged.
"""

from __future__ import annotations

from platformpm.history import host_schema

_NAMES = "subject.service AS service, subject.environment AS environment, subject.instance AS instance"
_SUBJECT = "JOIN subject ON subject.id = one.subject"
_FAILURES = f"""
CREATE VIEW failures AS
SELECT one.at / 1000.0 AS at, {_NAMES}, one.status AS status, one.reason AS reason, one.detail AS detail,
    one.latency / 1000.0 AS latency_ms, one.dns / 1000.0 AS dns_ms, one.connect / 1000.0 AS connect_ms,
    one.tls / 1000.0 AS tls_ms, one.first_byte / 1000.0 AS first_byte_ms, one.transfer / 1000.0 AS transfer_ms,
    one.dialect AS dialect, one.failing_components AS failing_components, one.failing_more AS failing_more,
    one.version AS version, one.version_source AS version_source,
    one.certificate_expires / 1000.0 AS certificate_expires, one.trusted AS trusted
FROM failure AS one {_SUBJECT};
"""
_HAPPENINGS = f"""
CREATE VIEW changes AS
SELECT one.at / 1000.0 AS at, {_NAMES}, one.status AS status, one.reason AS reason, one.detail AS detail
FROM change AS one {_SUBJECT};
CREATE VIEW versions AS
SELECT one.at / 1000.0 AS at, {_NAMES}, one.version AS version, one.source AS source
FROM version_change AS one {_SUBJECT};
CREATE VIEW events AS
SELECT at / 1000.0 AS at, kind, subject, status, text FROM event;
CREATE VIEW alerts AS
SELECT opened / 1000.0 AS opened, closed / 1000.0 AS closed, kind, subject, severity, title, detail, tier, service,
    environment, owner, affected, worst_affected, worst_detail
FROM alert;
"""
_BUCKETS = f"""
CREATE VIEW {{view}} AS
SELECT one.start AS start, {{seconds}} AS seconds, {_NAMES}, version.text AS version, one.up AS up,
    one.degraded AS degraded, one.down AS down, one.unknown AS unknown, one.untrusted AS untrusted,
    100.0 * (one.up + one.degraded) / nullif(one.up + one.degraded + one.down, 0) AS up_percent
FROM {{table}} AS one {_SUBJECT} LEFT JOIN version ON version.id = one.version;
"""
_BUCKETED = {"five_minutes_named": ("five_minutes", 300), "hours": ("hour", 3600), "days": ("day", 86400)}

VIEWS = "".join(
    [
        *(_FAILURES, _HAPPENINGS),
        *(_BUCKETS.format(view=view, table=table, seconds=size) for view, (table, size) in _BUCKETED.items()),
    ]
)
"""The script that makes them all, but for `readings`, which is older."""
RELIED_ON = {
    "readings": "every single answer, 48 h back",
    "failures": "the answers that were not up, whole, 48 h back, and those that decided a change 400 days; "
    "`failing_components` is a JSON list",
    "changes": "the decided status of an instance, or with an empty `instance` of a service as a whole, from `at` on",
    "versions": "the version that an instance reported from `at` on",
    "five_minutes_named": "counts of answers by status over 5 minutes, 14 days back; a row for each version",
    "hours": "the same over hours, 90 days back",
    "days": "the same over days in UTC, 400 days back",
    "events": "what `platformpm events` tells",
    "alerts": "one row for each alert; `closed` is null while it is open",
    "five_minutes": "what `five_minutes_named` is made of; `start` in seconds, `latency` a packed histogram",
    "hour": "the same for `hours`",
    "day": "the same for `days`",
    "change": "what `changes` is made of; `at` in milliseconds",
    "version_change": "what `versions` is made of; `at` in milliseconds",
    "event": "what `events` is made of; `at` in milliseconds",
    "alert": "what `alerts` is made of; `opened` and `closed` in milliseconds",
    **host_schema.RELIED_ON,
    "run": "when the monitor ran, in milliseconds",
    "gap": "when it ran but stood still, say because the machine slept, in milliseconds",
    "subject": "what `subject` in a table means",
    "version": "what `version` in a table of counts means; 0 is none",
}
"""Views and tables whose columns stay, and what a row of them is; columns are only ever added."""
