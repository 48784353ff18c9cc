"""Apache Airflow: `/health` (1.10, 2.x), `/api/v1/health`, `/api/v2/monitor/health` (3.x)."""

from __future__ import annotations

from platformpm.formats.health.verdict import Answer, Component, Dialect, Finding
from platformpm.formats.health.words import counted, fold, saying, table_of, text_of
from platformpm.model.status import Status, worst

_PARTS = ("metadatabase", "scheduler", "triggerer", "dag_processor")
_WORDS = {"healthy": Status.UP, "degraded": Status.DEGRADED, "unhealthy": Status.DOWN}


def _read(answer: Answer) -> Finding | None:
    """There is no overall word and the code is always 200, so the worst component counts.

    A component whose status is null is not deployed. `detailed_status` (3.x) tells that only some instances live.
    """
    table = answer.table
    if not isinstance(table.get("metadatabase"), dict) or not isinstance(table.get("scheduler"), dict):
        return None
    states: list[Status] = []
    failing: list[Component] = []
    for name in _PARTS:
        part = table_of(table.get(name))
        word = fold(part.get("status"))
        if word == "healthy" and fold(part.get("detailed_status")) == "degraded":
            word = "degraded"
        if word not in _WORDS:
            continue
        states.append(_WORDS[word])
        if word != "healthy":
            beat = text_of(part.get(f"latest_{name}_heartbeat"), 40)
            failing.append(Component(name, saying(word, f"last heartbeat {beat}" if beat else "")))
    if not states:
        return None
    return Finding(
        worst(states), f"{counted(len(states), 'component')} healthy", "keys metadatabase and scheduler", failing
    )


AIRFLOW = Dialect(
    "airflow",
    "Apache Airflow",
    "https://airflow.apache.org/docs/apache-airflow/stable/administration-and-deployment/logging-monitoring/check-health.html",
    _read,
    keys=("metadatabase",),
)
