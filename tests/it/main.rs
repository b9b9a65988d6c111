//! Every test that looks at the program from outside, in one binary: one module for what is tested, `support` for what they share.

mod architecture;
