//! Wires `conf_media::fuzzing::transport_feedback` to libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conf_media::fuzzing::transport_feedback(data));
