//! Logs that stand in front of another, as tests put them there: what they do not do themselves.

/// Within an `impl EventLog`: passes these of its methods on to the log in a field. A method that the trait gains is
/// added here once, and to the lists of those who pass it on.
///
/// ```
/// # use throughline_log::{EventLog, Log, Receipt, Error, Expected};
/// struct Full(Log);
///
/// impl EventLog for Full {
///     fn append(&self, _: Vec<throughline_domain::Draft>, _: &[Expected]) -> Result<Receipt, Error> {
///         Err(Error::Busy)
///     }
///
///     throughline_log::pass_on!(0: events, wait_beyond, read, read_journey, version, find, position, tree, events_at);
///     throughline_log::pass_on!(0: head, scan, scan_journeys, seal, open_sealed, namespace, derive);
/// }
/// ```
#[macro_export]
macro_rules! pass_on {
    (@append $log:tt) => {
        fn append(
            &self,
            batch: Vec<::throughline_domain::Draft>,
            expected: &[$crate::Expected],
        ) -> Result<$crate::Receipt, $crate::Error> {
            self.$log.append(batch, expected)
        }
    };
    (@events $log:tt) => {
        fn events(&self) -> u64 {
            self.$log.events()
        }
    };
    (@wait_beyond $log:tt) => {
        fn wait_beyond(&self, events: u64, at_most: ::std::time::Duration) -> u64 {
            self.$log.wait_beyond(events, at_most)
        }
    };
    (@read $log:tt) => {
        fn read(
            &self,
            from: ::throughline_domain::Position,
            limit: usize,
        ) -> Result<$crate::History, $crate::Error> {
            self.$log.read(from, limit)
        }
    };
    (@read_journey $log:tt) => {
        fn read_journey(
            &self,
            journey: ::throughline_domain::JourneyId,
            as_of: $crate::AsOf,
        ) -> Result<$crate::History, $crate::Error> {
            self.$log.read_journey(journey, as_of)
        }
    };
    (@version $log:tt) => {
        fn version(
            &self,
            journey: ::throughline_domain::JourneyId,
        ) -> Result<::throughline_domain::Version, $crate::Error> {
            self.$log.version(journey)
        }
    };
    (@find $log:tt) => {
        fn find(
            &self,
            event: ::throughline_domain::EventId,
        ) -> Result<Option<::throughline_domain::Recorded>, $crate::Error> {
            self.$log.find(event)
        }
    };
    (@position $log:tt) => {
        fn position(
            &self,
            event: ::throughline_domain::EventId,
        ) -> Result<Option<::throughline_domain::Position>, $crate::Error> {
            self.$log.position(event)
        }
    };
    (@tree $log:tt) => {
        fn tree(&self) -> &dyn $crate::PublishedTree {
            self.$log.tree()
        }
    };
    (@events_at $log:tt) => {
        fn events_at(&self, time: ::jiff::Timestamp) -> Result<u64, $crate::Error> {
            self.$log.events_at(time)
        }
    };
    (@head $log:tt) => {
        fn head(&self, events: u64) -> Result<[u8; 32], $crate::Error> {
            self.$log.head(events)
        }
    };
    (@scan $log:tt) => {
        fn scan(
            &self,
            events: u64,
            select: &(dyn Fn(::throughline_domain::JourneyId) -> bool + Sync),
            visit: &mut dyn FnMut($crate::History, u64) -> Result<(), $crate::Error>,
        ) -> Result<(), $crate::Error> {
            self.$log.scan(events, select, visit)
        }
    };
    (@scan_journeys $log:tt) => {
        fn scan_journeys(
            &self,
            events: u64,
            visit: &(dyn Fn(::throughline_domain::JourneyId, $crate::History) -> ::std::ops::ControlFlow<()> + Sync),
        ) -> Result<(), $crate::Error> {
            self.$log.scan_journeys(events, visit)
        }
    };
    (@seal $log:tt) => {
        fn seal(
            &self,
            journey: ::throughline_domain::JourneyId,
            purpose: &str,
            bytes: &[u8],
        ) -> Result<Option<Vec<u8>>, $crate::Error> {
            self.$log.seal(journey, purpose, bytes)
        }
    };
    (@open_sealed $log:tt) => {
        fn open_sealed(
            &self,
            journey: ::throughline_domain::JourneyId,
            purpose: &str,
            sealed: &[u8],
        ) -> Result<Option<Vec<u8>>, $crate::Error> {
            self.$log.open_sealed(journey, purpose, sealed)
        }
    };
    (@namespace $log:tt) => {
        fn namespace(&self) -> ::uuid::Uuid {
            self.$log.namespace()
        }
    };
    (@derive $log:tt) => {
        fn derive(&self, purpose: &str) -> $crate::Secret {
            self.$log.derive(purpose)
        }
    };
    ($log:tt: $($method:ident),+ $(,)?) => {
        $($crate::pass_on!(@$method $log);)+
    };
}
