//! Telling datagrams apart.

conf_benches::bench_groups!("demux");
