"""Pictures in which every text from outside is as bad as it can be, for tests of what formats make of them."""

from dataclasses import replace

from hypothesis import strategies as st

from platformpm.model.check import InstanceKey
from platformpm.model.host import Disk
from platformpm.model.inventory import Host, Inventory, Platform
from platformpm.model.reading import Reading
from platformpm.model.secret import Masker
from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.state import ServiceState
from platformpm.model.status import Reason, Status
from platformpm.model.version import Drift
from tests.unit.report.pictures import AT, host, instance, picture, service

SECRET = "x<\"&|secret'=%:,\\`"
"""A secret that every format would write in another way than it is."""
NASTY = (
    "|", "\\", "\\|", "`", "``", "<b>", "</testcase>", "]]>", "<!--", "&amp;", "&", '"', "'", "''", "=", "%0A", "%", ",", ":",
    "\n::error::x", "::error::", "##[error]", "\r\n", "\0", "\x1b]0;x\a", "\ufffe", "\ud800", "\u202e", "\u2028", "*a*", "_b_",
    "~~s~~", "[x](http://h)", "![x](y)", "https://h.example", "www.h.example", "me@h.example", "@org/team", "$x$", "{}", "# x",
    " ", "", SECRET, "a b", "服务", "é",
)  # fmt: skip
TEXTS = st.lists(
    st.one_of(st.sampled_from(NASTY), st.text(st.characters(exclude_categories=()), max_size=8)), max_size=6
).map("".join)
READINGS = st.builds(
    Reading,
    status=st.sampled_from(Status),
    at=st.just(AT),
    reason=st.one_of(st.none(), st.sampled_from(Reason)),
    detail=TEXTS,
    latency=st.one_of(st.none(), st.floats(0, 1e6)),
    dialect=st.one_of(st.none(), TEXTS),
    failing_components=st.lists(TEXTS, max_size=2).map(tuple),
    certificate_expires=st.one_of(st.none(), st.floats(-1e12, 1e12)),
)


@st.composite
def services(draw: st.DrawFn) -> ServiceState:
    """Draw a service with hostile names, one to three instances and any status that they may give it."""
    name, environment = draw(TEXTS), draw(TEXTS)
    states = []
    for _ in range(draw(st.integers(1, 3))):
        state = instance(name, "", draw(st.one_of(st.none(), READINGS)), draw(st.one_of(st.none(), TEXTS)))
        key = InstanceKey(name, environment, draw(TEXTS))
        declared = replace(state.instance, key=key, health_url="http://h/" + draw(TEXTS))
        states.append(replace(state, instance=declared, version_source=draw(TEXTS)))
    made = service(name, states, target=draw(st.one_of(st.none(), TEXTS)), drift=draw(st.sampled_from(Drift)))
    return replace(made, environment=replace(made.environment, name=environment))


@st.composite
def pictures(draw: st.DrawFn) -> PlatformSnapshot:
    """Draw a platform of up to three services and two hosts that knows SECRET to be one."""
    hosts = []
    for _ in range(draw(st.integers(0, 2))):
        state = host(draw(st.sampled_from(Status)), draw(st.sampled_from(Reason)), draw(TEXTS))
        assert state.reading is not None
        disks = tuple(Disk(mount, 50.0) for mount in draw(st.lists(TEXTS, max_size=3)))
        hosts.append(replace(state, host=Host(draw(TEXTS)), reading=replace(state.reading, disks=disks)))
    snapshot = picture(draw(st.lists(services(), max_size=3)), hosts)
    inventory = Inventory(platform=Platform(draw(TEXTS)), mask=Masker([SECRET]))
    return replace(snapshot, inventory=inventory)
