//! throughline-quality
