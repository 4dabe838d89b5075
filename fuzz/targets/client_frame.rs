//! Wires `conf_proto::fuzzing::client_frame` to libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conf_proto::fuzzing::client_frame(data));
