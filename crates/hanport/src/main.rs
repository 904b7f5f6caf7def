//! hanport.
fn main() {}
