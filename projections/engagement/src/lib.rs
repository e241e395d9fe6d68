//! throughline-engagement
