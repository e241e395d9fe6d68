//! throughline-runtime
