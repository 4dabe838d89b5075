//! Deciding what a subscriber is shown.

conf_benches::bench_groups!("allocate");
