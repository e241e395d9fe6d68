//! to be written
/// placeholder
#[derive(Debug)]
pub struct Replay;
