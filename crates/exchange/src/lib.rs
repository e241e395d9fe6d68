//! throughline-exchange
