"""The typed tables of the TOML, after `normalise`: every key with the sentence that explains it."""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, ConfigDict, Field, model_validator

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


class PlatformTable(Table):
    """The platform itself."""

    name: v.Label | None = key("Name of the platform, shown in every head line; its history is kept under it.")
    timezone: v.Zone | None = key(
        'IANA time zone of the times shown, such as "Asia/Shanghai"; else the machine\'s own.'
    )


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
    body: v.Pattern | None = key("RE2 pattern that must be found in the body.")
    headers: dict[v.HeaderName, v.Pattern] | None = key("Header name to the RE2 pattern found in its value.")


class RequestTable(Table):
    """How an instance is asked."""

    path: v.CheckPath | None = key("Appended to the path of the instance's URL; a full URL replaces it.")
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
        "HTTP proxy to ask through: accepted, but not used yet; the proxies of the shell never."
    )
    tls: TlsTable | None = key("How to speak TLS, joined with that of outer tables.")
    verify: bool | None = key("Short for tls.verify.")


class HealthTable(RequestTable):
    """A health check: how to ask, and what to expect."""

    send: v.HiddenText | None = key("Text a tcp check sends once connected.")
    expect: ExpectTable | None = Short(
        {"type": "string"}, "What the answer must hold; a string is short for expect.body."
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


class Layer(HealthTable):
    """What may stand at every level: defaults < environment < service < check."""

    health: HealthTable | None = Short({"type": "string"}, 'The health check; "/health" is short for its path.')
    version: VersionTable | None = Short({"type": "string"}, 'The version check; "/version" is short for its path.')


class DefaultsTable(Layer):
    """Keys that every service has unless it says otherwise; keys of a check here are those of the health check."""

    owner: v.Name | None = key("Team that owns the service.")
    product: v.Label | None = key("Product the service is a part of.")
    tier: v.Tier | None = key("How critical the service is: 1 is most.")
    depends_on: list[v.Name] | None = key("Services this one needs.")
    runbook: v.Link | None = key("URL of what to do when it fails.")
    links: dict[v.Label, v.Link] | None = key("Title to URL, for people.")
    tags: list[v.Label] | None = key("Words to select by.")
    external: bool | None = key("true for what others run and no instance is known of.")
    min_up: v.MinimumUp | None = key('Instances that must serve, else the service is down: 1, or such as "50%".')


class ServiceTable(DefaultsTable):
    """One service."""

    title: v.Label | None = key("Name for people.")
    instances: v.Instances | None = key("Environment to its instances: a list of URLs, or a table of name to URL.")
    target: dict[v.Name, v.Label] | None = key("Environment to the version declared for it.")
    renamed_from: v.Name | None = key("Earlier name of the service, so that its history goes on.")


class EnvironmentTable(Layer):
    """A place where instances run; keys of a check here hold for all its instances."""

    title: v.Label | None = key("Name for people.")
    url: v.PlainText | None = key('Address of services without instances here: "https://{service}.staging.example".')
    promotes_from: v.Name | None = key("Environment from which versions are promoted to this one.")
    critical: bool | None = key("true where users are.")


class TeamTable(Table):
    """Who owns services and must know."""

    title: v.Label | None = key("Name for people.")
    contact: v.Label | None = key("Mail address or telephone number.")
    chat: v.Label | None = key("Chat channel.")


class LimitTable(Table):
    """Percentages from which a measurement warns and is critical."""

    warning: v.Percentage | None = key("Degraded from here on.")
    critical: v.Percentage | None = key("Down from here on.")

    @model_validator(mode="after")
    def _ordered(self) -> LimitTable:
        if self.warning is not None and self.critical is not None and self.warning > self.critical:
            raise wrong("must be [warning, critical], the warning not above the critical limit")
        return self


_PAIR: dict[str, Any] = {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2}


class LimitsTable(Table):
    """Limits of a host, in percent."""

    cpu: LimitTable | None = Short(_PAIR, "[warning, critical] of the processors' use.")
    memory: LimitTable | None = Short(_PAIR, "[warning, critical] of the memory in use.")
    swap: LimitTable | None = Short(_PAIR, "[warning, critical] of the swap space in use.")
    disk: LimitTable | None = Short(_PAIR, "[warning, critical] of each file system.")
    hold: v.Span | None = key(
        'How long a value must stay over its limit before it counts, such as "2m"; one check then leaves out the CPU.',
        alias="for",
    )


class HostTable(Table):
    """A machine; without url it is this one."""

    title: v.Label | None = key("Name for people.")
    url: v.Link | None = key(
        "Metrics page of a node_exporter, accepted but not read yet; without it the host is this machine."
    )
    interval: v.Duration | None = key('Time between two looks, "5s" unless said otherwise.')
    timeout: v.Duration | None = key('Total time of one look, "5s" unless said otherwise.')
    limits: LimitsTable | None = key("Limits above which the host is degraded or down.")
    services: list[v.Name] | None = key("Services that run on it.")


class EngineTable(Table):
    """How hard the engine may work."""

    concurrency: v.Concurrency | None = key("Checks in flight at once, 200 unless said otherwise.")
    per_host: v.Concurrency | None = key("Checks in flight at once to one target host, 10 unless said otherwise.")


class HistoryTable(Table):
    """How long history is kept."""

    path: v.FileName | None = key(
        "Database file, relative to the inventory, or `:memory:`; else in the user's state folder."
    )
    raw: v.Span | None = key('How long single readings are kept, "48h" unless said otherwise.')
    five_minutes: v.Span | None = key('How long five-minute values are kept, "14d" unless said otherwise.')
    hours: v.Span | None = key('How long hourly values are kept, "90d" unless said otherwise.')
    days: v.Span | None = key('How long daily values are kept, "400d" unless said otherwise.')
    max_size: v.Size | None = key('Most the database may take, such as "2GiB".')


class WatchTable(Table):
    """What `platformpm watch --listen` asks of those who talk to it."""

    token: v.Token | None = key("What is to be sent as Authorization: Bearer …; outside of loopback there must be one.")


class InventoryTable(Table):
    """An inventory of platformpm: one file, or several that include each other."""

    include: list[str] | None = Short({"type": "string"}, "Files to read too, relative to this one; globs are welcome.")
    platform: PlatformTable | None = key("The platform itself (first file only).")
    defaults: DefaultsTable | None = key("What holds for every service that does not say otherwise (first file only).")
    engine: EngineTable | None = key("How hard the engine may work (first file only).")
    history: HistoryTable | None = key("How long history is kept (first file only).")
    watch: WatchTable | None = key("What `platformpm watch --listen` asks of those who talk to it (first file only).")
    environments: dict[v.Name, EnvironmentTable] | None = key(
        "Environments; when none is declared, as instances name them."
    )
    teams: dict[v.Name, TeamTable] | None = key("Teams that own services.")
    services: dict[v.Name, ServiceTable] | None = key("Services by name.")
    hosts: dict[v.Name, HostTable] | None = key("Machines by name.")
