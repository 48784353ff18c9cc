"""The typed tables of the TOML, after `normalise`: every key with the sentence that explains it."""

from __future__ import annotations

from typing import Any

from pydantic import model_validator

from platformpm.inventory import times as t
from platformpm.inventory import values as v
from platformpm.inventory.check_tables import (
    AuthTable,
    HealthTable,
    Table,
    TlsTable,
    VersionTable,
    key,
)
from platformpm.inventory.faults import wrong
from platformpm.inventory.shorts import Short


class PlatformTable(Table):
    """The platform itself."""

    name: v.Label | None = key("Name of the platform, shown in every head line; its history is kept under it.")
    timezone: v.Zone | None = key(
        'IANA time zone of the times shown, such as "Asia/Shanghai"; else the machine\'s own.'
    )


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
    critical: bool | None = key("true where users are: what is wrong there comes first.")


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
        "Metrics page of its node_exporter or windows_exporter; without it the host is this machine."
    )
    interval: v.Duration | None = key(
        'Time between two looks, "5s" for this machine and "15s" for others unless said otherwise.'
    )
    timeout: v.Duration | None = key('Total time of one look, "5s" unless said otherwise.')
    headers: dict[v.HeaderName, v.HeaderValue] | None = key("Request headers; this and the next six need url.")
    auth: AuthTable | None = key("How to sign in.")
    redirects: v.Redirects | None = key("Redirects followed, 5 unless said otherwise.")
    family: v.Family | None = key("4 or 6 uses only IPv4 or IPv6.")
    proxy: v.Proxy | None = key("HTTP proxy to ask through; the proxies of the shell never.")
    tls: TlsTable | None = key("How to speak TLS.")
    verify: bool | None = key("Short for tls.verify.")
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


class MaintenanceTable(Table):
    """A time in which the alerts of what is selected are held back: once (from, to), or each week (every, for)."""

    selectors: list[str] | None = key('What it is about, as "check" selects: ["checkout@production", "tag:batch"].')
    reason: v.Label | None = key("Why, for people.")
    since: t.Moment | None = key(
        "Begin of a window that comes once; without an offset it is a time in timezone.", alias="from"
    )
    until: t.Moment | None = key("End of a window that comes once.", alias="to")
    every: t.WeekTime | None = key('Day and time at which a window begins each week: "sun 02:00".')
    length: v.Duration | None = key('How long a weekly window lasts, a week at the most: "2h".', alias="for")
    timezone: v.Zone | None = key("IANA time zone of these times; else platform.timezone, else the machine's own.")


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
    maintenance: list[MaintenanceTable] | None = key("Times in which alerts are held back, one [[maintenance]] each.")
