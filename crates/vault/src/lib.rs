//! Keys of journeys: made, wrapped by a master key, used, destroyed. It knows no events.

/// Why keys cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The disk said no.
    #[error("{0}")]
    Io(#[from] std::io::Error),
}
