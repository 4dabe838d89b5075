//! Commands of a meeting, from handle to the last output.

conf_benches::bench_groups!("meeting");
