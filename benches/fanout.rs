//! One publisher to many, many to many, and sound alone: per forwarded packet, through a whole shard.

conf_benches::bench_groups!("fanout", "forward");
