//! throughline-satisfaction
