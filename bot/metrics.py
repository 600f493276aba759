"""Figures for Prometheus: read from the database when they are asked for, and counted by this process."""

from collections.abc import Callable, Iterator

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.clock import Clock
from storage.store import Store


class ProcessFigures:
    """What this process counted since it began, and how it stands with Slack."""

    def __init__(self, slack_refuses: Callable[[], bool]) -> None:
        self.registry = CollectorRegistry()
        self._failures = Counter(
            "baton_job_failures", "Runs of a job that failed, whole or in part", ["job"], registry=self.registry
        )
        self._put_aside = Counter(
            "baton_leads_put_aside", "Leads that could not be scored and are tried again later", registry=self.registry
        )
        paused = Gauge(
            "baton_slack_paused", "1 while Slack refuses the app and nothing is sent", registry=self.registry
        )
        paused.set_function(lambda: float(slack_refuses()))

    def count_failure(self, job: str) -> None:
        self._failures.labels(job).inc()

    def count_put_aside(self, lead_id: int) -> None:
        del lead_id  # the log says which; a label would be a time series a lead
        self._put_aside.inc()


class Metrics(Collector):
    """What is stored, by stage; what waits to be told to Slack, and since when; what was given up."""

    media_type = CONTENT_TYPE_LATEST

    def __init__(self, store: Store, clock: Clock, process: ProcessFigures | None = None) -> None:
        self._store, self._clock = store, clock
        self._registry = process.registry if process else CollectorRegistry()
        self._registry.register(self)

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing is read before the first question."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        with self._store.read() as tx:
            letters, stages = tx.outbox.count(), tx.leads.count_by_stage()
            now = tx.now()
            oldest = tx.outbox.oldest_due(now)
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
