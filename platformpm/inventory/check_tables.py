"""The typed tables of checks: how to ask, and what to expect. Every key has the sentence that explains it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

from platformpm.inventory import command_values as c
from platformpm.inventory import values as v
from platformpm.inventory.faults import wrong
from platformpm.inventory.shorts import Short


def key(sentence: str, alias: str | None = None) -> Any:
    """Give an optional key with its sentence."""
    return Field(default=None, description=sentence, alias=alias)


class Table(BaseModel):
    """A table that knows all its keys."""

    # Built when first used: an inventory uses a few of these tables, and building all doubles the import time.
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, arbitrary_types_allowed=True, defer_build=True)


class AuthTable(Table):
    """How to sign in: one of bearer, basic, username with password, or header with value."""

    bearer: v.HiddenText | None = key("Token sent as Authorization: Bearer ….")
    basic: v.HiddenText | None = key('"user:password", sent as Authorization: Basic ….')
    username: v.HiddenText | None = key("User name of basic authentication; goes with password.")
    password: v.HiddenText | None = key("Password of basic authentication; goes with username.")
    header: v.HeaderName | None = key("Name of the header that carries the key; goes with value.")
    value: v.HeaderValue | None = key("Value of that header.")

    @model_validator(mode="after")
    def _one_way(self) -> AuthTable:
        ways = {frozenset({"bearer"}), frozenset({"basic"})}
        ways |= {frozenset({"username", "password"}), frozenset({"header", "value"})}
        if frozenset(self.model_fields_set) not in ways:
            raise wrong("must be one of bearer, basic, username with password, or header with value")
        if self.basic is not None and ":" not in self.basic.reveal():
            raise wrong('basic must be written "user:password"')
        if not all(getattr(self, name) for name in self.model_fields_set - {"password"}):
            raise wrong("must not be empty")
        return self


class TlsTable(Table):
    """How to speak TLS. Files are relative to the inventory file."""

    verify: bool | None = key("false accepts any certificate; shown in every face, because it is unsafe.")
    ca_file: v.FileName | None = key("PEM file of the authorities to trust in place of the system's.")
    certificate_file: v.FileName | None = key("PEM file of the client certificate.")
    key_file: v.FileName | None = key("PEM file of the client's key, when it is not in certificate_file.")
    key_password: v.HiddenText | None = key("Password of the client's key.")
    server_name: v.HostName | None = key("Name asked for (SNI) and verified in place of the address's host.")
    minimum: v.TlsVersion | None = key('Oldest protocol accepted: "TLSv1.2" or "TLSv1.3".')


class ExpectTable(Table):
    """What the answer must hold."""

    status: list[v.Status] | None = Short(
        {"type": ["integer", "string"]}, 'Expected status codes: 200, "2xx", "200-299", or a list of these.'
    )
    json_values: dict[v.JmesPath, v.JsonValue] | None = key(
        "JMESPath to the value it must have; a list means any of, a missing value fails.", alias="json"
    )
    body: v.Pattern | None = key("RE2 pattern that must be found in the body, or in the records one a line.")
    headers: dict[v.HeaderName, v.Pattern] | None = key("Header name to the RE2 pattern found in its value.")
    records: list[v.Label] | None = key(
        "Records that must all be in the answer of a name server, as `probe` shows them; others may be there too."
    )


class RequestTable(Table):
    """How an instance is asked."""

    path: v.CheckPath | None = key(
        "Appended to the path of the instance's URL; a full URL replaces it. Of a grpc instance: the service asked about."
    )
    port: v.Port | None = key("Replaces the port of the instance's URL.")
    interval: v.Duration | None = key('Time between two readings: "15s" (the default), "2m", or seconds.')
    timeout: v.Duration | None = key('Total time of one reading, redirects included: "5s", or the interval if shorter.')
    method: v.Method | None = key("HTTP method, GET unless said otherwise.")
    headers: dict[v.HeaderName, v.HeaderValue] | None = key("Request headers, joined with those of outer tables.")
    body: v.HiddenText | None = key("Request body.")
    auth: AuthTable | None = key("How to sign in.")
    redirects: v.Redirects | None = key("Redirects followed, 5 unless said otherwise; 0 expects 2xx or 3xx.")
    family: v.Family | None = key("4 or 6 uses only IPv4 or IPv6.")
    proxy: v.Proxy | None = key(
        'HTTP proxy to ask through, "http://user:password@host:3128"; the proxies of the shell are never used.'
    )
    http2: bool | None = key("true offers HTTP/2 to https instances; they choose.")
    tls: TlsTable | None = key("How to speak TLS, joined with that of outer tables.")
    verify: bool | None = key("Short for tls.verify.")


class HealthTable(RequestTable):
    """A health check: how to ask, and what to expect."""

    send: v.HiddenText | None = key("Text a tcp or ws check sends once connected.")
    command: c.CommandWords | None = key(
        "Program an exec check runs, word by word and never through a shell; {host}, {port}, {instance}, {environment} "
        "and {service} are filled in."
    )
    env: dict[c.VariableName, c.VariableValue] | None = key(
        "Variables of that program, joined with those of outer tables; of ours it gets PATH, HOME, USER, TMPDIR and TZ."
    )
    record: v.RecordType | None = key('Type of the record a dns check asks for, "A" unless said otherwise.')
    expect: ExpectTable | None = Short(
        {"type": "string"}, "What the answer must hold; a string is short for expect.body."
    )
    resolve: v.Resolve | None = key(
        '"all": every address of the name is an instance of its own; "any" (the default): the first that answers.'
    )
    dialect: v.DialectName | None = key('Health format: "auto" (the default) recognises it, "none" ignores the body.')
    max_latency: v.Duration | None = key("Slower than this is degraded.")
    critical_latency: v.Duration | None = key("Slower than this is down.")
    certificate_days: v.Days | None = key("Degraded when the certificate expires in fewer days than this (14).")
    down_after: v.Count | None = key("Worse readings in a row before the status gets worse (2).")
    up_after: v.Count | None = key("Better readings in a row before the status gets better (2).")
    every: v.Duration | None = key("How often a heartbeat comes; a longer silence is down.")
    grace: v.Span | None = key("How much later a heartbeat may come; a tenth of every unless said otherwise.")
    token: v.Token | None = key("What a job sends as Authorization: Bearer … to report over HTTP.")


class VersionTable(RequestTable):
    """A version check: where the version is read. Without json, header, regex or metric the format is recognised."""

    interval: v.Duration | None = key('Time between two readings: "60s" unless said otherwise here.')
    json_path: v.JmesPath | None = key("JMESPath to the version in a JSON body.", alias="json")
    header: v.HeaderName | None = key("Response header that holds the version.")
    regex: v.Pattern | None = key("RE2 pattern; its first group, or all of it, is the version.")
    metric: v.MetricName | None = key("Prometheus metric such as app_build_info whose label holds the version.")
    label: v.MetricName | None = key('Label of that metric, "version" unless said otherwise.')

    @model_validator(mode="after")
    def _one_place(self) -> VersionTable:
        places = {"json": self.json_path, "header": self.header, "regex": self.regex, "metric": self.metric}
        given = [name for name, value in places.items() if value is not None]
        if len(given) > 1:
            raise wrong(f"{' and '.join(given)} exclude each other: the version is read in one place")
        if self.label and not self.metric:
            raise wrong("label needs metric")
        return self
