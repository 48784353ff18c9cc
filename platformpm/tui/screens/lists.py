"""Services and versions as full screens: all columns, a filter, faults only."""

from __future__ import annotations

from collections.abc import Callable

from platformpm.model.snapshot import PlatformSnapshot
from platformpm.model.state import ServiceState
from platformpm.report.columns import Table
from platformpm.report.rows import drifting_in, is_fault, is_off_target, not_up
from platformpm.report.service_tables import SERVICE_LIST, VERSION_LIST
from platformpm.tui.filtering import RowFilter
from platformpm.tui.screens.filtered import FilteredScreen


class ServiceListScreen(FilteredScreen[ServiceState]):
    """One list of services in their environments; `table` says with which columns."""

    hint = "/ filter:  a name · owner:payments · env:production · status:down · tier:1 · !word"

    def __init__(
        self,
        *,
        name: str,
        table: Table[ServiceState],
        note: Callable[[PlatformSnapshot], str],
        is_fault: Callable[[ServiceState], bool],
    ) -> None:
        super().__init__(name=name, table=table, chosen=RowFilter(is_fault))
        self._note = note

    def fill(self, snapshot: PlatformSnapshot, now: float) -> None:
        """Put a snapshot into the list."""
        self.filter.know(snapshot.inventory)
        self.rows.show(snapshot.services, now)
        self.rows.entitle((self.name or "").capitalize(), self._note(snapshot))
        self.tell_facts()

    def selected_row(self) -> object:
        """Give the row under the cursor, also while the filter is being typed."""
        return self.rows.selected


def services_screen() -> ServiceListScreen:
    """Give the screen of all services with all columns."""
    return ServiceListScreen(name="services", table=SERVICE_LIST, note=_not_up, is_fault=is_fault)


def versions_screen() -> ServiceListScreen:
    """Give the screen of all versions against their targets."""
    return ServiceListScreen(name="versions", table=VERSION_LIST, note=_off_target, is_fault=is_off_target)


def _not_up(snapshot: PlatformSnapshot) -> str:
    return not_up(snapshot.services)


def _off_target(snapshot: PlatformSnapshot) -> str:
    drifting = drifting_in(snapshot.services)
    return f"{drifting} off target" if drifting else ""
