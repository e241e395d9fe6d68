//! What is counted and timed, as Prometheus reads it at `/metrics`.

use std::sync::atomic::{AtomicU64, Ordering};

use jiff::Timestamp;
use metrics::{
    counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram, with_local_recorder,
};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusRecorder};
use throughline_runtime::{Progress, Runtime};

use crate::witnesses::Witnesses;

/// Seconds up to which a duration is counted, bucket by bucket.
const BUCKETS_SECONDS: &[f64] =
    &[0.000_5, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0];
/// Requests after which durations are folded into their buckets even if nobody reads the metrics.
const UPKEEP_REQUESTS: u64 = 1024;

/// What is counted and timed. It belongs to one service: two in one process do not mix.
pub(crate) struct Metrics {
    recorder: PrometheusRecorder,
    requests: AtomicU64,
}

impl Metrics {
    pub fn new() -> Self {
        let builder = PrometheusBuilder::new().set_buckets(BUCKETS_SECONDS).expect("there are buckets");
        let metrics = Self { recorder: builder.build_recorder(), requests: AtomicU64::new(0) };
        with_local_recorder(&metrics.recorder, describe);
        metrics
    }

    /// A request was answered. `route` is the route's own pattern: no id of anybody's.
    pub fn answered(
        &self,
        method: &'static str,
        route: &str,
        status: u16,
        from: Timestamp,
        until: Timestamp,
    ) {
        let labels =
            [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
        with_local_recorder(&self.recorder, || {
            counter!("throughline_http_requests_total", &labels).increment(1);
            histogram!("throughline_http_request_seconds", "route" => route.to_owned())
                .record(seconds(from, until));
        });
        if self.requests.fetch_add(1, Ordering::Relaxed) % UPKEEP_REQUESTS == UPKEEP_REQUESTS - 1 {
            self.recorder.handle().run_upkeep();
        }
    }

    /// Events were appended and are durable.
    pub fn appended(&self, events: u64, from: Timestamp, until: Timestamp) {
        with_local_recorder(&self.recorder, || {
            counter!("throughline_events_appended_total").increment(events);
            histogram!("throughline_append_seconds").record(seconds(from, until));
        });
    }

    /// Everything, in Prometheus' text format.
    pub fn render(&self, runtime: &Runtime, witnesses: &Witnesses, now: Timestamp) -> String {
        with_local_recorder(&self.recorder, || {
            for witnessed in witnesses.standing() {
                let name = witnessed.name;
                gauge!("throughline_witnessed_events", "witness" => name.clone())
                    .set(witnessed.events as f64);
                gauge!("throughline_witnessed_age_seconds", "witness" => name)
                    .set(seconds(witnessed.at, now));
            }
            gauge!("throughline_log_events").set(runtime.log().events() as f64);
            let covered = runtime.log().tree().covered();
            gauge!("throughline_checkpoint_events").set(covered.events as f64);
            if let Some(signed_at) = covered.signed_at {
                gauge!("throughline_checkpoint_age_seconds").set(seconds(signed_at, now));
            }
            gauge!("throughline_checkpoint_failing").set(f64::from(u8::from(covered.failing.is_some())));
            gauge!("throughline_ready").set(f64::from(u8::from(runtime.ready())));
            for Progress { name, applied, head, rebuilding, .. } in runtime.progress() {
                let view = name.to_owned();
                gauge!("throughline_view_applied_events", "view" => view.clone()).set(applied as f64);
                gauge!("throughline_view_rebuilding_events", "view" => view.clone())
                    .set(rebuilding.unwrap_or_default() as f64);
                gauge!("throughline_view_lag_events", "view" => view)
                    .set(head.saturating_sub(applied) as f64);
            }
            if let Some(bytes) = resident_bytes() {
                gauge!("throughline_process_resident_bytes").set(bytes as f64);
            }
        });
        self.recorder.handle().render()
    }
}

fn describe() {
    describe_counter!("throughline_http_requests_total", "Requests answered, by method, route and status");
    describe_histogram!(
        "throughline_http_request_seconds",
        "Time from a request's head to its answer's head"
    );
    describe_counter!("throughline_events_appended_total", "Events appended over HTTP and durable");
    describe_histogram!("throughline_append_seconds", "Time of an append until it is durable and visible");
    describe_gauge!("throughline_log_events", "Events in the log");
    describe_gauge!("throughline_checkpoint_events", "Events that the signed checkpoint covers");
    describe_gauge!("throughline_checkpoint_age_seconds", "Time since the checkpoint was signed");
    describe_gauge!("throughline_checkpoint_failing", "1 while no newer checkpoint can be written");
    describe_gauge!("throughline_witnessed_events", "Events that a witness's last cosignature covers");
    describe_gauge!("throughline_witnessed_age_seconds", "Time since a witness cosigned");
    describe_gauge!("throughline_ready", "1 once the views are caught up");
    describe_gauge!("throughline_view_applied_events", "Events a view has taken in");
    describe_gauge!("throughline_view_lag_events", "Events a view is behind the log");
    describe_gauge!(
        "throughline_view_rebuilding_events",
        "Events that a rebuild beside the view has folded; 0 while none runs"
    );
    describe_gauge!("throughline_process_resident_bytes", "Memory the process holds");
}

/// Never negative, though a clock may be set back.
fn seconds(from: Timestamp, until: Timestamp) -> f64 {
    until.duration_since(from).as_secs_f64().max(0.0)
}

/// Memory the process holds, where the system tells.
fn resident_bytes() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kibibytes: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024)
}
