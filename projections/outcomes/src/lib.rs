//! throughline-outcomes
