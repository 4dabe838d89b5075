//! Everybody changes layer with every picture.

conf_benches::bench_groups!("simulcast");
