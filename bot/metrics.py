"""Figures for Prometheus, read from the database when they are asked for."""

from collections.abc import Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.clock import Clock
from storage.store import Store


class Metrics(Collector):
    """What is stored, by stage; what waits to be told to Slack, and since when; what was given up."""

    media_type = CONTENT_TYPE_LATEST

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store, self._clock = store, clock
        self._registry = CollectorRegistry()
        self._registry.register(self)

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing is read before the first question."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with self._store.read() as tx:
            letters, stages = tx.outbox.count(), tx.leads.count_by_stage()
            now, oldest = tx.now(), tx.outbox.oldest_due(tx.now())
            failed, hot = tx.bodies.count_failed(), tx.scores.count_hot(self._clock())
        outbox = GaugeMetricFamily(
            "baton_outbox_messages",
            "Messages to Slack that wait, are being sent, or were given up",
            labels=["state"],
        )
        for state, count in letters.items():
            outbox.add_metric([state], count)
        yield outbox
        age = max(0.0, (now - oldest).total_seconds()) if oldest else 0.0
        yield GaugeMetricFamily("baton_outbox_oldest_seconds", "How long the oldest due message waits", age)
        yield GaugeMetricFamily("baton_intake_failed", "Bodies that could not be taken, whole or in part", failed)
        yield GaugeMetricFamily("baton_leads_hot", "Leads over their threshold now", hot)
        leads = GaugeMetricFamily("baton_leads", "Leads by stage", labels=["stage"])
        for stage, count in stages.items():
            leads.add_metric([stage], count)
        yield leads

    def text(self) -> str:
        """All figures in the text format of Prometheus."""
        return generate_latest(self._registry).decode()
