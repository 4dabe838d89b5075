//! Wires `conf_media::fuzzing::forward` to libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conf_media::fuzzing::forward(data));
