//! throughline-demo
