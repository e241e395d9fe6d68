//! throughline-http
