//! Fuzz target; its body stands in `src/`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| hanport_fuzz::run("tariff", data));
