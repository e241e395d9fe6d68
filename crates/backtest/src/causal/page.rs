//! A causal report, laid out.
