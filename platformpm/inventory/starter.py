"""The file `platformpm init` writes."""

STARTER = """\
# The inventory of platformpm: what your platform consists of.
# Check it with "platformpm inventory validate"; every key stands in "platformpm inventory schema".

[platform]
name = "My Platform"
# timezone = "Europe/Berlin"          # of the times shown; else this machine's own

[defaults]                            # hold for every service that does not say otherwise
interval = "15s"
timeout = "5s"

# Environments in the order of promotion. A service without instances in an environment
# with a url has one there: {service} is replaced by its name.
[environments.staging]
# url = "https://{service}.staging.example"

[environments.production]
promotes_from = "staging"
critical = true

[teams.payments]
contact = "payments@example.com"
chat = "#payments"

# A service: where its instances run, and how to ask them. Edit these addresses.
[services.checkout]
title = "Checkout"
owner = "payments"                    # a team
tier = 1                              # 1 is the most critical
depends_on = ["ledger", "redis"]
# runbook = "https://wiki.example/checkout"
health = "/health"                    # appended to the addresses; known formats are recognised
# version = "/version"                # where the version stands, when the health answer does not tell it

[services.checkout.instances]         # a list of addresses, or names for them
staging = ["http://127.0.0.1:8080"]
production = { eu-1 = "http://127.0.0.1:8081", us-1 = "http://127.0.0.1:8082" }

[services.checkout.target]            # the versions that should run there
production = "1.0.0"

[services.ledger]
owner = "payments"
tier = 1

[services.ledger.instances]
production = ["http://127.0.0.1:8090"]

[services.ledger.health]              # the long form: how to ask, then what to expect
path = "/status"
# auth = { bearer = "${env:LEDGER_TOKEN}" }     # secrets come from the environment or from files
max_latency = "800ms"                 # slower is degraded
expect = { status = [200] }           # also: json = { "db.status" = "UP" }, body = "a pattern"

[services.redis.instances]
production = ["tcp://127.0.0.1:6379"] # the scheme chooses how it is asked: README has all of them

[services.redis.health]
send = "PING\\r\\n"
expect = "PONG"

[hosts.local]                         # this machine
limits = { cpu = [80, 95], memory = [85, 95], disk = [85, 95], for = "2m" }

# [hosts.db-1]                        # another one: its node_exporter or windows_exporter
# url = "http://10.0.2.20:9100/metrics"
# services = ["ledger"]
"""
"""A commented inventory that loads as it is; its addresses are for the reader to edit."""
