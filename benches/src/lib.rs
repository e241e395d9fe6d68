//! throughline-benches
