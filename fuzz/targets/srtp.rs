//! Wires `conf_media::endpoint::fuzzing::srtp` to libFuzzer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| conf_media::endpoint::fuzzing::srtp(data));
