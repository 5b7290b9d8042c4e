//! The floor that `cargo xtask bench` measures against: a process that does nothing.

fn main() {}
