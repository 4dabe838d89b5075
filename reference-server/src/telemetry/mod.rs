//! What the operator sees of a running server: logs and metrics, nothing personal.

pub mod log;
pub mod metric;

pub use metric::Metrics;
