//! Wires `conf_media::shard::fuzzing::shard_inputs` to libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conf_media::shard::fuzzing::shard_inputs(data));
