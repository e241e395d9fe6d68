//! throughline-cli
